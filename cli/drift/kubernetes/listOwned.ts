import type { KubernetesClient } from '../../../clients/kubernetes/client';
import { KubernetesRefused } from '../../../clients/kubernetes/errors';
import type { ObjectMeta } from '../../../clients/kubernetes/objects';
import { mapConcurrently } from '../../../clients/process/mapConcurrently';
import { type ListedObject, ownerLabels } from '../../../gitops/drift/inventory';
import type { Unknowns } from './findings';

// Controllers make these in great numbers and copy labels to them.
const leftOut = new Set(
  'bindings controllerrevisions endpoints endpointslices events leases nodes pods replicasets volumeattachments'.split(
    ' ',
  ),
);

interface Discovered {
  items?: {
    metadata?: { name?: string };
    versions?: { version: string; resources?: DiscoveredResource[] }[];
  }[];
}
interface DiscoveredResource {
  resource: string;
  responseKind?: { kind?: string };
  verbs?: string[];
}

interface ServedKind {
  group: string;
  kind: string;
  path: string;
}

/**
 * The objects of a cluster that have the labels of an owner of Flux: metadata only, of every kind that can be listed except those
 * that controllers make in great numbers.
 */
export async function listOwned(api: KubernetesClient, unknowns: Unknowns): Promise<ListedObject[]> {
  const kinds = await servedKinds(api);
  const lists = await mapConcurrently(8, kinds, async ({ group, kind, path }): Promise<ListedObject[]> => {
    const found: ListedObject[] = [];
    for (const label of ownerLabels) {
      try {
        const items = await api.listMetadata(path, { labelSelector: label });
        found.push(...items.map(({ metadata }) => listed(group, kind, metadata)));
      } catch (error) {
        if (!(error instanceof KubernetesRefused)) throw error;
        unknowns.addKind(kind, error.detail, `let this kubeconfig list ${kind}`);
        return found;
      }
    }
    return found;
  });
  return lists.flat();
}

function listed(group: string, kind: string, metadata: ObjectMeta): ListedObject {
  const { name, namespace = '', labels = {}, annotations = {}, ownerReferences = [] } = metadata;
  return { group, kind, name, namespace, labels, annotations, isOwned: ownerReferences.length > 0 };
}

/** Every kind that can be listed, in one version each, by aggregated discovery. */
async function servedKinds(api: KubernetesClient): Promise<ServedKind[]> {
  const headers = { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json' };
  const [core, groups] = await Promise.all(
    ['/api', '/apis'].map((path) => api.request<Discovered>('GET', path, { headers })),
  );
  const kinds = new Map<string, ServedKind>();
  for (const { metadata, versions = [] } of [...(core?.items ?? []), ...(groups?.items ?? [])]) {
    const group = metadata?.name ?? '';
    for (const { version, resources = [] } of versions) {
      for (const { resource, responseKind, verbs = [] } of resources) {
        const kind = responseKind?.kind ?? '';
        if (!verbs.includes('list') || !verbs.includes('patch') || leftOut.has(resource)) continue;
        const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
        const key = `${group}/${resource}`;
        if (!kinds.has(key)) kinds.set(key, { group, kind, path: `${base}/${resource}` });
      }
    }
  }
  return [...kinds.values()];
}
