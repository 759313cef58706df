import { type KubernetesObject, listOf, textOf, valueAt } from '../kubernetesObject';

/** What identifies an object in an inventory, whatever its version: `group|Kind|namespace|name`. */
export type ObjectId = string;

/** The ids of what a Kustomization or an instance of Flux applied last, as its status lists them. */
export function inventoryOf(object: KubernetesObject): ObjectId[] {
  return listOf(valueAt(object, 'status', 'inventory', 'entries')).flatMap((entry) => {
    // `<namespace>_<name>_<group>_<kind>`; a colon in a name (of RBAC objects) is written as two underscores.
    const parts = /^([^_]*)_(.+)_([^_]*)_([^_]+)$/.exec(textOf(valueAt(entry, 'id')));
    if (parts === null) return [];
    const [, namespace = '', name = '', group = '', kind = ''] = parts;
    return [[group, kind, namespace, name.replaceAll('__', ':')].join('|')];
  });
}

/** An object as a list of metadata has it. */
export interface ListedObject {
  group: string;
  kind: string;
  name: string;
  namespace: string;
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  isOwned: boolean;
}

/** An object that has an owner's labels, and that the owner does not hold. */
export interface Orphan {
  object: ListedObject;
  /** The owner that its labels name: `Kustomization flux-system/web`. */
  owner: string;
  /** Whether the owner exists. */
  ownerExists: boolean;
  /** Whether it says itself that Flux may not prune it. */
  isKept: boolean;
}

/** The two kinds that own objects by label, and the prefix of their labels. */
const owners = [
  { kind: 'Kustomization', prefix: 'kustomize.toolkit.fluxcd.io' },
  { kind: 'HelmRelease', prefix: 'helm.toolkit.fluxcd.io' },
] as const;

/** The labels that owners put on objects. */
export const ownerLabels = owners.map(({ prefix }) => `${prefix}/name`);

/**
 * The objects with the labels of an owner that no owner holds. What another object owns was copied from that, labels included.
 * Of releases, only those without an owner: their charts decide what stays.
 * @param held what all inventories hold
 * @param existing names of the owners that exist: `Kustomization flux-system/web`
 */
export function orphansOf(
  objects: readonly ListedObject[],
  held: ReadonlySet<ObjectId>,
  existing: ReadonlySet<string>,
): Orphan[] {
  return objects.flatMap((object) => {
    const { group, kind, namespace, name, labels, annotations, isOwned } = object;
    if (isOwned || held.has([group, kind, namespace, name].join('|'))) return [];
    const found = owners.find(({ prefix }) => labels[`${prefix}/name`] !== undefined);
    if (found === undefined) return [];
    const owner = `${found.kind} ${labels[`${found.prefix}/namespace`] ?? ''}/${labels[`${found.prefix}/name`]}`;
    const ownerExists = existing.has(owner);
    const ofRelease = found.kind === 'HelmRelease';
    if (ofRelease && (ownerExists || annotations['helm.sh/resource-policy'] === 'keep')) return [];
    const isKept = [labels, annotations].some((map) => map[`${found.prefix}/prune`] === 'disabled');
    return [{ object, owner, ownerExists, isKept }];
  });
}

/** The id of an object. */
export function idOf({ apiVersion, kind, metadata: { name, namespace = '' } }: KubernetesObject): ObjectId {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return [group, kind, namespace, name].join('|');
}

/** The name of what an id identifies, as findings name it. */
export function nameOfId(id: ObjectId): string {
  const [, kind = '', namespace = '', name = ''] = id.split('|');
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}
