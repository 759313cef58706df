import * as fs from 'node:fs';
import * as path from 'node:path';
import type { LabCluster, LabContext } from '../context';
import { adminKubeconfig } from '../machines/paths';
import { savedContext } from '../up/savedContext';
import { runForeground } from './runForeground';

/** `lab kubectl --cluster <c> <args>`: kubectl as a cluster admin. Returns its exit code. */
export async function kubectlCommand(root: string, cluster: string, args: readonly string[]): Promise<number> {
  const ctx = savedContext(root);
  const env = { ...process.env, ...kubeSettings(ctx, findCluster(ctx, cluster)) };
  return runForeground(ctx.tool('kubectl'), args, { env });
}

/** Environment that points kubectl at a cluster of the lab and keeps it away from `~/.kube`. */
export function kubeSettings(ctx: LabContext, cluster: LabCluster): Record<string, string> {
  const kubeconfig = adminKubeconfig(ctx.dir, cluster);
  if (!fs.existsSync(kubeconfig)) {
    throw new Error(`cluster ${cluster.name} is not bootstrapped yet; \`npm run lab\` bootstraps it`);
  }
  return { KUBECONFIG: kubeconfig, KUBECACHEDIR: path.join(ctx.dir, 'cache', 'kube'), NO_PROXY: '127.0.0.0/8' };
}

/** The cluster of that name. Throws if there is none. */
export function findCluster(ctx: LabContext, name: string): LabCluster {
  const cluster = ctx.clusters.find((c) => c.name === name);
  if (cluster !== undefined) return cluster;
  throw new Error(`unknown cluster "${name}"; the lab has: ${ctx.clusters.map((c) => c.name).join(', ')}`);
}
