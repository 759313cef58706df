import * as path from 'node:path';
import type { LabCluster } from '../context';

/** Folder with the state of a simulated machine. */
export function machineStateDir(labDir: string, cluster: string, node: string): string {
  return path.join(labDir, 'clusters', cluster, node);
}

/** The admin kubeconfig, which the first control plane's machine writes once etcd is bootstrapped. */
export function adminKubeconfig(labDir: string, cluster: LabCluster): string {
  const first = cluster.nodes.find((node) => node.role === 'controlplane');
  if (first === undefined) throw new Error(`Pulumi.${cluster.name}.yaml: no node has the role controlplane`);
  return path.join(machineStateDir(labDir, cluster.name, first.name), 'admin.kubeconfig');
}
