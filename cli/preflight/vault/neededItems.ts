import type { OnePasswordField } from '../../../cluster/secretCategories';
import { aFile, defaultField, everyField, itemReads } from '../../../gitops/itemReads';
import { type KubernetesObject, groupOf, listOf, valueAt } from '../../../gitops/kubernetesObject';

/** A field that an item must have. */
export interface NeededField {
  field: string;
  /** Who creates it. A field that the program or the cluster creates may be missing until they have run. */
  createdBy: 'user' | 'program' | 'cluster';
}

/** A 1Password item that the cluster needs. */
export interface NeededItem {
  title: string;
  /** Sorted by name. */
  fields: NeededField[];
  /** Whether an ExternalSecret reads all fields of the item; at least one must then have a value. */
  allFields: boolean;
}

/**
 * Every item and field that a cluster needs: those that its ExternalSecrets read and its PushSecrets write, and those
 * that the program manages, and `people`, which they provide for the program. Sorted by title.
 */
export function neededItems(
  objects: readonly KubernetesObject[],
  managed: readonly OnePasswordField[],
  people: readonly { title: string; field: string }[] = [],
): NeededItem[] {
  const items = new Map<string, { allFields: boolean; creators: Map<string, NeededField['createdBy']> }>();
  const itemOf = (title: string) => {
    const item = items.get(title) ?? { allFields: false, creators: new Map<string, NeededField['createdBy']>() };
    items.set(title, item);
    return item;
  };
  for (const object of objects) {
    for (const { title, field } of itemReads(object)) {
      if (field === everyField) itemOf(title).allFields = true;
      else if (field === aFile) itemOf(title);
      else itemOf(title).creators.set(field, 'user');
    }
  }
  for (const object of objects) {
    for (const { title, field } of pushes(object)) itemOf(title).creators.set(field, 'cluster');
  }
  for (const { title, field } of people) itemOf(title).creators.set(field, 'user');
  for (const { title, field } of managed) itemOf(title).creators.set(field, 'program');
  return [...items]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, { allFields, creators }]) => {
      const fields = [...creators].map(([field, createdBy]) => ({ field, createdBy }));
      return { title, allFields, fields: fields.sort((a, b) => (a.field < b.field ? -1 : 1)) };
    });
}

function* pushes(object: KubernetesObject): Generator<{ title: string; field: string }> {
  if (groupOf(object) !== 'external-secrets.io') return;
  const spec = object.kind === 'PushSecret' ? object['spec'] : valueAt(object, 'spec', 'pushSecretSpec');
  if (object.kind !== 'PushSecret' && object.kind !== 'ClusterPushSecret') return;
  for (const entry of listOf(valueAt(spec, 'data'))) {
    const title = valueAt(entry, 'match', 'remoteRef', 'remoteKey');
    const field = valueAt(entry, 'match', 'remoteRef', 'property');
    if (typeof title === 'string') yield { title, field: typeof field === 'string' ? field : defaultField };
  }
}
