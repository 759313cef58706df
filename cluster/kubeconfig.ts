import { parseDocument, isMap, isSeq } from 'yaml';
import { kubernetesApiPort } from './definition';
import { formatHostPort } from './dialOverrides';

/** The URL of the Kubernetes API on a host; puts brackets around an IPv6 address. */
export function apiUrl(host: string, port = kubernetesApiPort): string {
  return `https://${formatHostPort({ host, port })}`;
}

/**
 * Returns a kubeconfig with the server of every cluster set to `server`; nothing else changes. Throws if it has no
 * clusters; the message quotes nothing from the kubeconfig, which is secret.
 */
export function withServer(kubeconfig: string, server: string): string {
  const document = parseDocument(kubeconfig);
  const clusters = document.errors.length === 0 ? document.get('clusters') : undefined;
  if (!isSeq(clusters) || clusters.items.length === 0) {
    throw new Error(
      'the kubeconfig returned by the machine has no clusters; ' +
        "fetch it again: pulumi up --replace '**talos:cluster/kubeconfig:Kubeconfig**'",
    );
  }
  for (const item of clusters.items) {
    const cluster = isMap(item) ? item.get('cluster') : undefined;
    if (!isMap(cluster)) throw new Error('the kubeconfig returned by the machine has a cluster without settings');
    cluster.set('server', server);
  }
  return document.toString();
}
