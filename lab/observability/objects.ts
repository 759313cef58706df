import type { KubernetesClient } from '../../clients/kubernetes/client';
import { isMap, type JsonMap, listOf, type ObjectMetadata, textOf, valueAt } from '../../gitops/kubernetesObject';

/** An object as the API server lists it. */
export interface Item extends JsonMap {
  metadata: ObjectMetadata;
  spec?: JsonMap;
}

/** A place of a text in a Secret. */
export interface SecretKey {
  namespace: string;
  name: string;
  key: string;
}

/** Reads one key of a Secret, as text. Throws if it does not exist. */
export type ReadSecret = (place: SecretKey) => string;

/** The objects of a cluster that the programs are configured from, and what they read of its Secrets. */
export interface ClusterObjects {
  vmAgents: Item[];
  vmAuths: Item[];
  vmUsers: Item[];
  vmAlerts: Item[];
  vmRules: Item[];
  vmAlertmanagers: Item[];
  vmAlertmanagerConfigs: Item[];
  vmClusters: Item[];
  serviceScrapes: Item[];
  podScrapes: Item[];
  nodeScrapes: Item[];
  serviceMonitors: Item[];
  podMonitors: Item[];
  certificates: Item[];
  issuers: Item[];
}

const victoriaMetrics = '/apis/operator.victoriametrics.com/v1beta1';
const prometheus = '/apis/monitoring.coreos.com/v1';

const collections: Readonly<Record<keyof ClusterObjects, string>> = {
  vmAgents: `${victoriaMetrics}/vmagents`,
  vmAuths: `${victoriaMetrics}/vmauths`,
  vmUsers: `${victoriaMetrics}/vmusers`,
  vmAlerts: `${victoriaMetrics}/vmalerts`,
  vmRules: `${victoriaMetrics}/vmrules`,
  vmAlertmanagers: `${victoriaMetrics}/vmalertmanagers`,
  vmAlertmanagerConfigs: `${victoriaMetrics}/vmalertmanagerconfigs`,
  vmClusters: `${victoriaMetrics}/vmclusters`,
  serviceScrapes: `${victoriaMetrics}/vmservicescrapes`,
  podScrapes: `${victoriaMetrics}/vmpodscrapes`,
  nodeScrapes: `${victoriaMetrics}/vmnodescrapes`,
  serviceMonitors: `${prometheus}/servicemonitors`,
  podMonitors: `${prometheus}/podmonitors`,
  certificates: '/apis/cert-manager.io/v1/certificates',
  issuers: '/apis/cert-manager.io/v1/issuers',
};

/** All of them, from the API server. */
export async function readObjects(api: KubernetesClient): Promise<ClusterObjects> {
  const entries = await Promise.all(
    Object.entries(collections).map(async ([name, path]) => [name, await api.list<Item>(path)] as const),
  );
  return Object.fromEntries(entries) as unknown as ClusterObjects;
}

/** The Secrets of some namespaces; undefined Secrets are found out when one is read. */
export async function readSecrets(api: KubernetesClient, namespaces: readonly string[]): Promise<ReadSecret> {
  const lists = await Promise.all(
    [...new Set(namespaces)].map((namespace) => api.list<Item>(`/api/v1/namespaces/${namespace}/secrets`)),
  );
  const secrets = lists.flat();
  return ({ namespace, name, key }) => {
    const secret = secrets.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    const value = valueAt(secret, 'data', key);
    if (typeof value === 'string') return Buffer.from(value, 'base64').toString('utf8');
    const what = secret === undefined ? 'does not exist' : `has no key ${key}`;
    throw new Error(`Secret ${namespace}/${name} ${what}; npm run lab -- kubectl shows its ExternalSecret`);
  };
}

/** An object's namespace. */
export const namespaceOf = ({ metadata }: Item): string => metadata.namespace ?? '';

/** `namespace/name`. */
export const nameOf = (item: Item): string => `${namespaceOf(item)}/${item.metadata.name}`;

/** The one object of its kind. Throws if there is none, or more than one. */
export function only(items: readonly Item[], kind: string): Item {
  const [first, second] = items;
  if (first !== undefined && second === undefined) return first;
  throw new Error(`found ${items.length} objects of kind ${kind}, expected 1: only one has its programs in the lab`);
}

/**
 * The objects of the own namespace that a selector selects: as the operator's without a selector for namespaces. Throws for what
 * it does not understand, rather than to select too much.
 */
export function selected(owner: Item, selector: string, items: readonly Item[]): Item[] {
  const value = owner.spec?.[selector];
  if (value === undefined) return [];
  if (owner.spec?.[selector.replace('Selector', 'NamespaceSelector')] !== undefined)
    throw new Error(`${nameOf(owner)}: the lab does not render ${selector} with a selector for namespaces`);
  if (listOf(valueAt(value, 'matchExpressions')).length > 0)
    throw new Error(`${nameOf(owner)}: the lab does not render ${selector} with matchExpressions`);
  const labels = Object.entries(isMap(value) && isMap(value['matchLabels']) ? value['matchLabels'] : {});
  return items
    .filter((item) => namespaceOf(item) === namespaceOf(owner))
    .filter(({ metadata }) => labels.every(([key, wanted]) => textOf(valueAt(metadata, 'labels', key)) === wanted))
    .sort((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
}
