import { tools } from '../../tools/manifest';
import { agentProcesses } from '../agent/processes';
import type { LabContext } from '../context';
import type { LabProcess } from './process';
import { serviceProcesses } from '../services/processes';
import { adminKubeconfig } from '../machines/paths';
import { machineProcesses } from '../machines/processes';

/** Every process of the lab other than Pulumi. */
export function allProcesses(ctx: LabContext): LabProcess[] {
  const machines = machineProcesses(ctx);
  const agents = agentProcesses(ctx, {
    toolVersions: Object.fromEntries(Object.entries(tools).map(([name, { version }]) => [name, version])),
    needs: machines.map(({ name }) => name),
    kubeconfig: (cluster) => adminKubeconfig(ctx.dir, cluster),
  });
  return [...serviceProcesses(ctx), ...machines, ...agents];
}
