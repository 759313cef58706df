import { parseDocument, isMap, isSeq } from 'yaml';
import { kubernetesApiPort } from './definition';

/** The Kubernetes API's URL at a host; an IPv6 address gets its brackets. */
export function apiUrl(host: string): string {
  return `https://${host.includes(':') ? `[${host}]` : host}:${kubernetesApiPort}`;
}

/**
 * A kubeconfig in which every cluster is reached at `server`; nothing else changes. Throws if the text has no cluster;
 * the message holds nothing of the text, which is a secret.
 */
export function withServer(kubeconfig: string, server: string): string {
  const document = parseDocument(kubeconfig);
  const clusters = document.errors.length === 0 ? document.get('clusters') : undefined;
  if (!isSeq(clusters) || clusters.items.length === 0) {
    throw new Error('the kubeconfig that the machine gave has no clusters; ask it again: talosctl kubeconfig');
  }
  for (const item of clusters.items) {
    const cluster = isMap(item) ? item.get('cluster') : undefined;
    if (!isMap(cluster)) throw new Error('the kubeconfig that the machine gave has a cluster without settings');
    cluster.set('server', server);
  }
  return document.toString();
}
