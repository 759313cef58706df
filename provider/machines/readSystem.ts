import { type TalosClient, talosPort } from '../../clients/talos/client';
import type { TalosClientConfiguration } from '../../clients/talos/identity';
import type { TalosResources } from '../../clients/talos/resources';
import type { RunningSystem } from '../../cluster/rollout/talosUpgrade';
import type { MachineTarget } from './target';
import { withMachine } from './withMachine';

/** What a configured machine runs, and how it is. */
export interface SystemState extends SystemReport {
  /** Different after every boot. */
  bootId: string;
}

/** What a configured machine runs, as far as a reader may ask for it. */
export interface SystemReport extends RunningSystem {
  /** `running` after the boot; `upgrading`, `rebooting`, … otherwise. */
  stage: string;
  /** Why it is not ready, in Talos' words; empty if it is. */
  unmet: string;
}

/**
 * Reads the system of a machine of the cluster.
 *
 * @throws TalosError if it does not answer, or only in part
 */
export async function readSystem(
  target: MachineTarget,
  identity: TalosClientConfiguration,
  { deadlineSeconds = 5, port = talosPort } = {},
): Promise<SystemState> {
  return withMachine(target, identity, port, async (client, resources) => {
    const [report, bootId] = await Promise.all([
      reportSystem(client, resources, deadlineSeconds),
      client.bootId(deadlineSeconds),
    ]);
    return { ...report, bootId };
  });
}

/** Reads it through connections that are open; needs no more than the role os:reader. Throws a TalosError. */
export async function reportSystem(
  client: TalosClient,
  resources: TalosResources,
  deadlineSeconds: number,
): Promise<SystemReport> {
  const [version, status, schematic, secureBoot] = await Promise.all([
    client.version(deadlineSeconds),
    resources.machineStatus(),
    resources.schematic(),
    resources.secureBoot(),
  ]);
  const unmet = status?.unmetConditions.map(({ name, reason }) => `${name}: ${reason}`).join('; ') ?? '';
  return {
    version: version.tag,
    architecture: version.arch,
    platform: version.platform,
    schematic,
    secureBoot,
    stage: status?.stage ?? '',
    unmet: status?.ready === false && unmet === '' ? 'is not ready' : unmet,
  };
}
