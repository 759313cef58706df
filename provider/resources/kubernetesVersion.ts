import * as z from 'zod';
import { UserError } from '../../clients/userError';
import { outdated, runningVersions } from '../../cluster/rollout/kubernetesUpgrade';
import type { Implementation, Operation } from '../engine/implementation';
import { viewCluster } from '../machines/clusterView';
import { readVersions } from '../machines/kubernetes/machineVersions';
import { upgradeKubernetes } from '../machines/kubernetes/upgradeKubernetes';
import { defaultPace, previewPace } from '../machines/pace';
import type { KubernetesVersionInputs } from './inputs';
import { machineTarget, nonEmpty, talosIdentity, timeoutSeconds, versionTag } from './inputSchemas';

/** State of the version: the inputs. */
export type KubernetesVersionState = KubernetesVersionInputs;

const schema: z.ZodType<KubernetesVersionInputs> = z.object({
  cluster: nonEmpty,
  version: versionTag,
  controlPlanes: z.array(z.object(machineTarget)).min(1),
  workers: z.array(z.object(machineTarget)),
  clientConfiguration: talosIdentity,
  workersAtOnce: z.number().positive(),
  gateTimeoutSeconds: timeoutSeconds,
});

/**
 * The version of Kubernetes of a cluster. Before there is a cluster there is nothing to do: machines get their version with
 * their configuration. Deleting it only removes it from the state.
 */
export const kubernetesVersion: Implementation<KubernetesVersionInputs, KubernetesVersionState> = {
  schema,
  connectionInputs: ['controlPlanes', 'workers', 'clientConfiguration', 'workersAtOnce', 'gateTimeoutSeconds'],
  updateTriggers: ['version'],
  secretProperties: ['clientConfiguration'],
  create: async (inputs, operation) => {
    await applyKubernetesVersion(inputs, operation);
    return { id: inputs.cluster, outputs: inputs };
  },
  inspect: (_state, inputs, operation) => inspectKubernetes(inputs, operation),
  update: async (_state, inputs, operation) => {
    await applyKubernetesVersion(inputs, operation);
    return inputs;
  },
};

/** Brings the cluster to the version, if there is one. */
export async function applyKubernetesVersion(
  inputs: KubernetesVersionInputs,
  operation: Operation,
  pace = defaultPace,
): Promise<void> {
  const { controlPlanes, clientConfiguration: identity } = inputs;
  const view = await viewCluster(controlPlanes, identity, pace);
  if (view.state === 'down') {
    const reasons = view.controlPlanes.map(({ name, why }) => `  ${name}: ${why ?? 'answers'}`);
    throw new UserError(
      [
        `etcd of ${inputs.cluster} has no quorum, so nothing was changed:`,
        ...reasons,
        'Start the control planes that are off, then run `pulumi up` again.',
      ].join('\n'),
    );
  }
  if (view.state !== 'running') return;
  const { version, workers, workersAtOnce, gateTimeoutSeconds } = inputs;
  const upgrade = { version, controlPlanes, workers, identity, workersAtOnce, timeoutSeconds: gateTimeoutSeconds };
  await upgradeKubernetes(upgrade, view, operation, pace);
}

/** Whether a machine that answers has another version, and says what will happen. */
export async function inspectKubernetes(
  { version, controlPlanes, workers, clientConfiguration: identity }: KubernetesVersionInputs,
  { progress }: Operation,
  pace = defaultPace,
): Promise<boolean> {
  const short = previewPace(pace);
  const read = await Promise.all(
    [...controlPlanes, ...workers].map((target) => readVersions(target, identity, short).catch(() => undefined)),
  );
  const machines = read.flatMap((machine) => (machine === undefined ? [] : [machine.versions]));
  const found = outdated(machines, version);
  if (found.length === 0) return false;
  const components = new Map<string, string[]>();
  for (const { component, node } of found) components.set(component, [...(components.get(component) ?? []), node]);
  const steps = [...components].map(([component, nodes]) => `${component} of ${nodes.join(', ')}`);
  const from = runningVersions(machines)?.lowest ?? '?';
  progress.info(`Kubernetes ${from} → ${version}, without a reboot: ${steps.join('; ')}`);
  return true;
}
