import { mapConcurrently } from '../../../clients/process/mapConcurrently';
import type { TalosClientConfiguration } from '../../../clients/talos/identity';
import { messageOf, UserError } from '../../../clients/userError';
import { etcdProblems } from '../../../cluster/rollout/clusterState';
import {
  type Component,
  components,
  kubernetesUpgradeProblems,
  outdated,
  type RemovedApi,
  runningVersions,
} from '../../../cluster/rollout/kubernetesUpgrade';
import type { Operation } from '../../engine/implementation';
import { type ClusterView, healthyControlPlanes } from '../clusterView';
import { openKubernetes } from '../openKubernetes';
import type { Pace } from '../pace';
import { probeMachine } from '../probeMachine';
import type { MachineTarget } from '../target';
import { type ConfiguredMachine, readVersions } from './machineVersions';
import { prePull } from './prePull';
import { requestedDeprecatedApis } from './removedApis';
import { upgradeComponent } from './upgradeComponent';

/** The wanted version of Kubernetes, and the machines of the cluster. */
export interface KubernetesUpgrade {
  /** `v1.34.4` */
  version: string;
  controlPlanes: readonly MachineTarget[];
  workers: readonly MachineTarget[];
  identity: TalosClientConfiguration;
  workersAtOnce: number;
  /** For each component of each machine. */
  timeoutSeconds: number;
}

/**
 * Brings all components of a running cluster to one version, in the order of `talosctl upgrade-k8s`: API servers,
 * controller managers, schedulers, then the kubelets of control planes and of workers, each one after the other, live. What has
 * the version already is only waited for, so an upgrade that was stopped goes on where it was.
 *
 * @throws UserError before anything changes, with every reason against it; later with the machine and the component that failed
 */
export async function upgradeKubernetes(
  upgrade: KubernetesUpgrade,
  view: ClusterView,
  operation: Operation,
  pace: Pace,
): Promise<void> {
  const { version, identity } = upgrade;
  const { progress } = operation;
  const found = await readMachines(upgrade, pace);
  const machines = [...found.controlPlanes, ...found.workers];
  const versions = machines.map((machine) => machine.versions);
  if (outdated(versions, version).length === 0) {
    for (const problem of found.silent) progress.warn(`the kubelet of ${problem} is not checked`);
    return;
  }
  const problems = [
    ...found.silent,
    ...etcdProblems(
      view.controlPlanes,
      upgrade.controlPlanes.map(({ name }) => name),
    ),
    ...kubernetesUpgradeProblems(versions, version, await deprecatedApis(upgrade, view, operation, pace)),
  ];
  if (problems.length > 0) {
    throw new UserError(
      [`Kubernetes cannot be changed to ${version}, and nothing was changed:`, ...problems].join('\n  '),
    );
  }
  const from = runningVersions(versions)?.lowest ?? '?';
  progress.info(`Kubernetes ${from} → ${version}: pulling images on ${machines.length} machines`);
  await prePull(machines, version, identity, operation, pace.port);
  for (const component of components) await upgradeAll(component, upgrade, found, operation, pace);
}

async function upgradeAll(
  component: Component,
  { version, controlPlanes, identity, workersAtOnce, timeoutSeconds }: KubernetesUpgrade,
  found: FoundMachines,
  operation: Operation,
  pace: Pace,
): Promise<void> {
  const one = async ({ target }: ConfiguredMachine): Promise<void> => {
    const upgrade = { target, component, version, controlPlanes, identity, timeoutSeconds };
    await upgradeComponent(upgrade, operation, pace);
    operation.progress.info(`${component} of ${target.name} runs ${version}`);
  };
  await mapConcurrently(1, found.controlPlanes, one);
  if (component === 'kubelet') await mapConcurrently(workersAtOnce, found.workers, one);
}

interface FoundMachines {
  controlPlanes: ConfiguredMachine[];
  workers: ConfiguredMachine[];
  /** Why a machine of the cluster could not be read. */
  silent: string[];
}

/** Reads all machines; one without a configuration has no component yet, and gets the wanted version with it. */
async function readMachines(
  { controlPlanes, workers, identity }: KubernetesUpgrade,
  pace: Pace,
): Promise<FoundMachines> {
  const silent: string[] = [];
  const read = async (targets: readonly MachineTarget[]): Promise<ConfiguredMachine[]> => {
    const found = await Promise.all(
      targets.map((target) =>
        readVersions(target, identity, pace).catch(async (error: unknown) => {
          if ((await probeMachine(target, identity, pace)).state === 'maintenance') return undefined;
          silent.push(`${target.name} (${target.node}): ${messageOf(error)}`);
          return undefined;
        }),
      ),
    );
    return found.filter((machine) => machine !== undefined);
  };
  return { controlPlanes: await read(controlPlanes), workers: await read(workers), silent };
}

/** Asks every API server that answers: each counts only the requests that it served. */
async function deprecatedApis(
  { identity }: KubernetesUpgrade,
  view: ClusterView,
  { signal }: Operation,
  pace: Pace,
): Promise<RemovedApi[]> {
  const found = await Promise.all(
    healthyControlPlanes(view).map(async (target) => {
      const api = await openKubernetes([target], identity, signal, pace).catch(() => undefined);
      try {
        return api === undefined ? [] : await requestedDeprecatedApis(api);
      } finally {
        api?.close();
      }
    }),
  );
  return [...new Map(found.flat().map((entry) => [entry.api, entry])).values()];
}
