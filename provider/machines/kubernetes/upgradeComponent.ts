import { isReady, type Pod, podProblem } from '../../../clients/kubernetes/diagnostics';
import { getNode, notReadyReason } from '../../../clients/kubernetes/nodes';
import { pollUntil } from '../../../clients/process/pollUntil';
import type { TalosClientConfiguration } from '../../../clients/talos/identity';
import { type StaticPodConfig, TalosResources } from '../../../clients/talos/resources';
import { messageOf, UserError } from '../../../clients/userError';
import { parseImage, withVersion } from '../../../cluster/rollout/configurationImages';
import type { Component, ControlPlaneComponent } from '../../../cluster/rollout/kubernetesUpgrade';
import type { Operation } from '../../engine/implementation';
import { withKubernetes } from '../openKubernetes';
import type { Pace } from '../pace';
import { describeTarget, type MachineTarget } from '../target';
import { withMachine } from '../withMachine';

/** One component of one machine that gets another version. */
export interface ComponentUpgrade {
  target: MachineTarget;
  component: Component;
  /** `v1.34.4` */
  version: string;
  controlPlanes: readonly MachineTarget[];
  identity: TalosClientConfiguration;
  timeoutSeconds: number;
}

/**
 * Changes the image of a component in the configuration that the machine runs with, live, and waits until the cluster sees
 * that it runs. If the configuration has the version already, only waits.
 *
 * @throws UserError if the machine refuses, and on timeout with the reason of the pod or the node
 */
export async function upgradeComponent(upgrade: ComponentUpgrade, operation: Operation, pace: Pace): Promise<void> {
  const { target, component, version, timeoutSeconds } = upgrade;
  const what = `${component} of ${target.name}`;
  await changeImage(upgrade, pace);
  let last = '';
  await pollUntil(
    async () => {
      try {
        const problem = await problemOf(upgrade, operation, pace);
        if (problem === undefined) return true;
        last = problem;
      } catch (error) {
        last = messageOf(error);
      }
      operation.progress.status(`waiting for ${what}, ${version}: ${last}`);
      return undefined;
    },
    {
      timeoutSeconds,
      intervalMilliseconds: pace.intervalMilliseconds,
      signal: operation.signal,
      timedOut: (waited) =>
        `${what} does not run ${version} after ${waited} s: ${last}. Components later in the order were not changed. Look at ` +
        `\`talosctl logs --nodes ${target.node} ${component === 'kubelet' ? 'kubelet' : `-k kube-system/${component}`}\`; then run ` +
        '`pulumi up` to go on, or set KUBERNETES_VERSION back to go back within a minor version.',
    },
  );
}

async function changeImage({ target, component, version, identity }: ComponentUpgrade, { port }: Pace): Promise<void> {
  try {
    await withMachine(target, identity, port, async (client, resources) => {
      const { active = '' } = await resources.configurations();
      // kube-proxy is off, but its image is in the configuration, which must be what `up` generates afterwards.
      const changed = withVersion(active, component === 'kubelet' ? ['kubelet', 'kube-proxy'] : [component], version);
      if (changed !== active) await client.applyConfiguration(changed, { mode: 'no_reboot' });
    });
  } catch (error) {
    throw new UserError(`${describeTarget(target)} does not take ${component} ${version}: ${messageOf(error)}`);
  }
}

/** Why the component does not run with that version yet; undefined if it does. */
async function problemOf(upgrade: ComponentUpgrade, operation: Operation, pace: Pace): Promise<string | undefined> {
  const { target, component, version } = upgrade;
  const config = component === 'kubelet' ? undefined : await staticPodConfig(upgrade, component, pace);
  return withKubernetes(upgrade, operation, pace, async (api) => {
    if (config === undefined) {
      const node = await getNode(api, target.name);
      const reported = node?.status?.nodeInfo?.kubeletVersion;
      return reported === version ? notReadyReason(node) : `the Node reports kubelet ${reported ?? 'nothing'}`;
    }
    const pod = await api.get<StaticPod>(`/api/v1/namespaces/kube-system/pods/${component}-${target.name}`);
    return staticPodProblem(pod, config, version);
  });
}

interface StaticPod extends Pod {
  spec?: { containers?: { image?: string }[] };
}

const configVersion = 'talos.dev/config-version';

/** Why the pod of a component does not run with the configuration; undefined if it does. */
export function staticPodProblem(
  pod: StaticPod | undefined,
  config: StaticPodConfig,
  version: string,
): string | undefined {
  if (parseImage(config.image)?.version !== version) return `Talos has not taken over the image yet (${config.image})`;
  if (pod === undefined) return 'has no pod yet';
  const runs = pod.metadata.annotations?.[configVersion];
  if (runs !== config.version) return `its pod runs configuration ${runs ?? '?'}, expected ${config.version}`;
  return isReady(pod) ? undefined : podProblem(pod);
}

async function staticPodConfig(
  { target, identity }: ComponentUpgrade,
  component: ControlPlaneComponent,
  { port }: Pace,
): Promise<StaticPodConfig> {
  const resources = TalosResources.open(target, identity, port);
  try {
    const config = await resources.staticPodConfig(component);
    if (config === undefined) throw new Error('Talos does not run it');
    return config;
  } finally {
    resources.close();
  }
}
