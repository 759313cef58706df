import type { OnePasswordField } from '../../../cluster/onePasswordFields';
import { type Json, type KubernetesObject, groupOf, listOf, valueAt } from '../../../gitops/kubernetesObject';

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

/** The field that external-secrets' 1Password provider reads by default. */
const defaultField = 'password';

/**
 * Every item and field that a cluster needs: those that its ExternalSecrets read and its PushSecrets write, and those
 * that the program manages. Sorted by title.
 */
export function neededItems(objects: readonly KubernetesObject[], managed: readonly OnePasswordField[]): NeededItem[] {
  const items = new Map<string, { allFields: boolean; creators: Map<string, NeededField['createdBy']> }>();
  const itemOf = (title: string) => {
    const item = items.get(title) ?? { allFields: false, creators: new Map<string, NeededField['createdBy']>() };
    items.set(title, item);
    return item;
  };
  for (const object of objects) {
    for (const spec of specsOf(object)) {
      for (const { title, field } of reads(spec)) {
        if (field === everything) itemOf(title).allFields = true;
        else if (field === aFile) itemOf(title);
        else itemOf(title).creators.set(field, 'user');
      }
    }
  }
  for (const object of objects) {
    for (const { title, field } of pushes(object)) itemOf(title).creators.set(field, 'cluster');
  }
  for (const { title, field } of managed) itemOf(title).creators.set(field, 'program');
  return [...items]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, { allFields, creators }]) => {
      const fields = [...creators].map(([field, createdBy]) => ({ field, createdBy }));
      return { title, allFields, fields: fields.sort((a, b) => (a.field < b.field ? -1 : 1)) };
    });
}

/** The spec of an ExternalSecret, or the one in a ClusterExternalSecret. */
function specsOf(object: KubernetesObject): (Json | undefined)[] {
  if (groupOf(object) !== 'external-secrets.io') return [];
  if (object.kind === 'ExternalSecret') return [object['spec']];
  return object.kind === 'ClusterExternalSecret' ? [valueAt(object, 'spec', 'externalSecretSpec')] : [];
}

const everything = Symbol('all fields');
/** The content of a file is not checked. */
const aFile = Symbol('a file');

interface Read {
  title: string;
  field: string | typeof everything | typeof aFile;
}

function* reads(spec: Json | undefined): Generator<Read> {
  for (const entry of listOf(valueAt(spec, 'data'))) {
    const title = valueAt(entry, 'remoteRef', 'key');
    const property = valueAt(entry, 'remoteRef', 'property');
    if (typeof title === 'string') yield { title, field: fieldOf(property) ?? defaultField };
  }
  for (const entry of listOf(valueAt(spec, 'dataFrom'))) {
    const title = valueAt(entry, 'extract', 'key');
    const property = valueAt(entry, 'extract', 'property');
    if (typeof title === 'string') yield { title, field: fieldOf(property) ?? everything };
  }
}

/** A property may have a prefix: `field/<name>` or `file/<name>`. */
function fieldOf(property: Json | undefined): string | typeof aFile | undefined {
  if (typeof property !== 'string' || property === '') return undefined;
  return property.startsWith('file/') ? aFile : property.replace(/^field\//, '');
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
