import { TalosClient } from '../../../clients/talos/client';
import type { TalosClientConfiguration } from '../../../clients/talos/identity';
import type { EtcdAlarm } from '../../../clients/talos/messages';
import { type ControlPlaneView, healthyControlPlanes, viewCluster } from '../../../provider/machines/clusterView';
import type { MachineTarget } from '../../../provider/machines/target';

/** What the control planes report about etcd. */
export interface EtcdReport {
  answers: readonly ControlPlaneView[];
  /** Absent if no member that is well lists them. */
  alarms?: EtcdAlarm[];
}

/** Asks all control planes about etcd. Never throws: what does not answer is in the answers. */
export async function readEtcd(
  controlPlanes: readonly MachineTarget[],
  identity: TalosClientConfiguration,
  options: { port: number; deadlineSeconds: number },
): Promise<EtcdReport> {
  const view = await viewCluster(controlPlanes, identity, options);
  for (const target of healthyControlPlanes(view)) {
    const client = TalosClient.secure(target, identity, options.port);
    try {
      return { answers: view.controlPlanes, alarms: await client.etcdAlarms(options.deadlineSeconds) };
    } catch {
      // The next one may answer.
    } finally {
      client.close();
    }
  }
  return { answers: view.controlPlanes };
}
