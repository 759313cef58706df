import { tools } from '../../tools/manifest';
import { agentParts } from '../agent/processes';
import type { LabContext } from '../context';
import type { Part } from './process';
import { worldParts } from '../services/processes';
import { adminKubeconfig } from '../machines/paths';
import { machineParts } from '../machines/processes';

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
