import type { KubernetesClient } from '../kubernetes/client';
import { isFluxOwned, type KubeObject } from '../kubernetes/objects';
import type { ReleaseState, StoredRevision } from './releaseDecision';

/** Identifies a release. */
export interface ReleaseKey {
  name: string;
  storageNamespace: string;
}

interface FluxHelmRelease extends KubeObject {
  spec?: { releaseName?: string };
}
interface Deployment extends KubeObject {
  status?: { availableReplicas?: number };
}

const retries = { retries: 5 };

/** Reads the state of a release: Helm's records, the HelmRelease of Flux, and whether a helm-controller is ready. */
export async function readReleaseState(api: KubernetesClient, key: ReleaseKey): Promise<ReleaseState> {
  const revisions = await storedRevisions(api, key);
  const releases = await api.list<FluxHelmRelease>(
    `/apis/helm.toolkit.fluxcd.io/v2/namespaces/${key.storageNamespace}/helmreleases`,
    {},
    retries,
  );
  const helmRelease = releases.some(({ metadata, spec }) => (spec?.releaseName ?? metadata.name) === key.name);
  return { revisions, helmRelease, helmControllerReady: helmRelease && (await helmControllerReady(api)) };
}

/** The revisions in Helm's storage. Reads only labels, never the content of a release. */
export async function storedRevisions(api: KubernetesClient, key: ReleaseKey): Promise<StoredRevision[]> {
  const labelSelector = `owner=helm,name=${key.name}`;
  const secrets = await api.listMetadata(
    `/api/v1/namespaces/${key.storageNamespace}/secrets`,
    { labelSelector },
    retries,
  );
  return secrets.map(({ metadata }) => ({
    secret: metadata.name,
    version: Number(metadata.labels?.version),
    status: metadata.labels?.status ?? 'unknown',
    fluxOwned: isFluxOwned(metadata),
  }));
}

async function helmControllerReady(api: KubernetesClient): Promise<boolean> {
  const fieldSelector = 'metadata.name=helm-controller';
  const deployments = await api.list<Deployment>('/apis/apps/v1/deployments', { fieldSelector }, retries);
  return deployments.some(({ status }) => (status?.availableReplicas ?? 0) > 0);
}
