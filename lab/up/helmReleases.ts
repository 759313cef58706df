import { gunzipSync } from 'node:zlib';
import type { KubernetesClient } from '../../clients/kubernetes/client';

/** One revision of a Helm release, from Helm's own storage in the cluster. */
export interface StoredRelease {
  name: string;
  namespace: string;
  revision: number;
  /** Helm's status, for example "deployed" or "superseded". */
  status: string;
  /** Helm's description of how this revision came about. */
  description: string;
  chart: { name: string; version: string; description: string };
}

interface HelmSecret {
  metadata: { name: string; namespace: string };
  data?: { release?: string };
}

interface HelmPayload {
  name: string;
  namespace: string;
  version: number;
  info: { status: string; description?: string };
  chart: { metadata: { name: string; version: string; description?: string } };
}

/** All revisions of all releases in the cluster, sorted by release, then by revision. */
export async function listReleases(api: KubernetesClient): Promise<StoredRelease[]> {
  const secrets = await api.list<HelmSecret>('/api/v1/secrets', { labelSelector: 'owner=helm' });
  return secrets
    .flatMap((secret) => (secret.data?.release === undefined ? [] : [decodeRelease(secret.data.release)]))
    .sort((a, b) => `${a.namespace}/${a.name}`.localeCompare(`${b.namespace}/${b.name}`) || a.revision - b.revision);
}

/** Decodes the `release` key of a storage Secret: JSON, gzipped, in Helm's base64, in the API's base64. */
export function decodeRelease(data: string): StoredRelease {
  const helm = Buffer.from(Buffer.from(data, 'base64').toString('utf8'), 'base64');
  const payload = JSON.parse(gunzipSync(helm).toString('utf8')) as HelmPayload;
  const { metadata } = payload.chart;
  return {
    name: payload.name,
    namespace: payload.namespace,
    revision: payload.version,
    status: payload.info.status,
    description: payload.info.description ?? '',
    chart: { name: metadata.name, version: metadata.version, description: metadata.description ?? '' },
  };
}
