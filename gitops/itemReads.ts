import { type Json, type KubernetesObject, groupOf, listOf, valueAt } from './kubernetesObject';

/** What an ExternalSecret reads from 1Password. */
export interface ItemRead {
  /** The item's title. */
  title: string;
  /** The field's label; `everyField` for all of them, `aFile` for a file of the item. */
  field: string | typeof everyField | typeof aFile;
}

/** All fields of an item. */
export const everyField = Symbol('all fields');
/** A file, whose content no one checks. */
export const aFile = Symbol('a file');

/** The field that external-secrets' 1Password provider reads by default. */
export const defaultField = 'password';

/** What an object reads from 1Password; nothing unless it is an ExternalSecret or a ClusterExternalSecret. */
export function* itemReads(object: KubernetesObject): Generator<ItemRead> {
  const spec = specOf(object);
  for (const entry of listOf(valueAt(spec, 'data'))) {
    const title = valueAt(entry, 'remoteRef', 'key');
    const property = valueAt(entry, 'remoteRef', 'property');
    if (typeof title === 'string') yield { title, field: fieldOf(property) ?? defaultField };
  }
  for (const entry of listOf(valueAt(spec, 'dataFrom'))) {
    const title = valueAt(entry, 'extract', 'key');
    const property = valueAt(entry, 'extract', 'property');
    if (typeof title === 'string') yield { title, field: fieldOf(property) ?? everyField };
  }
}

/** The spec of an ExternalSecret, or the one in a ClusterExternalSecret. */
function specOf(object: KubernetesObject): Json | undefined {
  if (groupOf(object) !== 'external-secrets.io') return undefined;
  if (object.kind === 'ExternalSecret') return object['spec'];
  return object.kind === 'ClusterExternalSecret' ? valueAt(object, 'spec', 'externalSecretSpec') : undefined;
}

/** A property may have a prefix: `field/<name>` or `file/<name>`. */
function fieldOf(property: Json | undefined): string | typeof aFile | undefined {
  if (typeof property !== 'string' || property === '') return undefined;
  return property.startsWith('file/') ? aFile : property.replace(/^field\//, '');
}
