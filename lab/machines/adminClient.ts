import * as fs from 'node:fs';
import { KubernetesClient } from '../../clients/kubernetes/client';
import { parseKubeconfig } from '../../clients/kubernetes/kubeconfig';
import type { LabCluster, LabContext } from '../context';
import { adminKubeconfig } from './paths';

/** Everything is on loopback: a request that takes longer has failed. */
const timeoutSeconds = 10;

/** A client with the credentials of an admin kubeconfig file. */
export function clientFor(kubeconfigFile: string): KubernetesClient {
  return new KubernetesClient(parseKubeconfig(fs.readFileSync(kubeconfigFile, 'utf8')), undefined, timeoutSeconds);
}

/** An admin client for a cluster of the lab; undefined until the cluster is bootstrapped. */
export function adminClient(ctx: LabContext, cluster: LabCluster): KubernetesClient | undefined {
  const file = adminKubeconfig(ctx.dir, cluster);
  return fs.existsSync(file) ? clientFor(file) : undefined;
}
