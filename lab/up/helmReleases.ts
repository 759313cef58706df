import { decodeRelease, type StoredRelease } from '../../clients/helm/storedRelease';
import type { KubernetesClient } from '../../clients/kubernetes/client';

interface HelmSecret {
  metadata: { name: string; namespace: string };
  data?: { release?: string };
}

/** All revisions of all releases in the cluster, sorted by release, then by revision. */
export async function listReleases(api: KubernetesClient): Promise<StoredRelease[]> {
  const secrets = await api.list<HelmSecret>('/api/v1/secrets', { labelSelector: 'owner=helm' });
  return secrets
    .flatMap((secret) => (secret.data?.release === undefined ? [] : [decodeRelease(secret.data.release)]))
    .sort((a, b) => `${a.namespace}/${a.name}`.localeCompare(`${b.namespace}/${b.name}`) || a.revision - b.revision);
}
