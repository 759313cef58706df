import { tools } from '../../tools/manifest';
import { agentParts } from '../agent/parts';
import type { LabContext } from '../context';
import type { Part } from '../executor/part';
import { worldParts } from '../world/parts';
import { adminKubeconfig } from './machinePaths';
import { machineParts } from './machineParts';

/** Everything that runs in the lab beside Pulumi. */
export function allParts(ctx: LabContext): Part[] {
  const machines = machineParts(ctx);
  const agents = agentParts(ctx, {
    toolVersions: Object.fromEntries(Object.entries(tools).map(([name, { version }]) => [name, version])),
    needs: machines.map(({ name }) => name),
    kubeconfig: (cluster) => adminKubeconfig(ctx.dir, cluster),
  });
  return [...worldParts(ctx), ...machines, ...agents];
}
