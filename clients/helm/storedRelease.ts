import { gunzipSync } from 'node:zlib';
import type { KubernetesClient } from '../kubernetes/client';
import type { KubeObject } from '../kubernetes/objects';

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
  /** The objects as Helm installed them, as YAML, without hooks. May contain secrets. */
  manifest: string;
}

interface HelmPayload {
  name: string;
  namespace: string;
  version: number;
  info: { status: string; description?: string };
  chart: { metadata: { name: string; version: string; description?: string } };
  manifest?: string;
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
    manifest: payload.manifest ?? '',
  };
}

/** One revision of a release; undefined if Helm's storage does not have it. */
export async function readStoredRelease(
  api: KubernetesClient,
  { name, storageNamespace, version }: { name: string; storageNamespace: string; version: number },
): Promise<StoredRelease | undefined> {
  const secret = `sh.helm.release.v1.${name}.v${version}`;
  const path = `/api/v1/namespaces/${storageNamespace}/secrets/${encodeURIComponent(secret)}`;
  const found = await api.get<KubeObject & { data?: { release?: string } }>(path);
  return found?.data?.release === undefined ? undefined : decodeRelease(found.data.release);
}
