import type { VaultField } from '../../../cluster/vaultFields';
import { type Json, type KubernetesObject, groupOf, listOf, valueAt } from '../../../gitops/kubernetesObject';

/** A field that something reads. */
export interface NeededField {
  field: string;
  /** Who puts it there. What people do not put there may be absent: whoever makes it has not run yet. */
  maker: 'person' | 'program' | 'cluster';
}

/** An item of the vault that is needed. */
export interface VaultNeed {
  title: string;
  /** By name. */
  fields: NeededField[];
  /** Whether something takes all fields that there are: then there must be one with a value. */
  whole: boolean;
}

/** What 1Password's provider of external-secrets reads when no field is named. */
const defaultField = 'password';

/**
 * Every item and field of the vault that a cluster needs: what its ExternalSecrets read and its PushSecrets write, and
 * what the program keeps there. Sorted by title.
 */
export function vaultNeeds(objects: readonly KubernetesObject[], made: readonly VaultField[]): VaultNeed[] {
  const needs = new Map<string, { whole: boolean; makers: Map<string, NeededField['maker']> }>();
  const need = (title: string) => {
    const known = needs.get(title) ?? { whole: false, makers: new Map<string, NeededField['maker']>() };
    needs.set(title, known);
    return known;
  };
  for (const object of objects) {
    for (const spec of specsOf(object)) {
      for (const { title, field } of reads(spec)) {
        if (field === everything) need(title).whole = true;
        else if (field === aFile) need(title);
        else need(title).makers.set(field, 'person');
      }
    }
  }
  for (const object of objects) {
    for (const { title, field } of pushes(object)) need(title).makers.set(field, 'cluster');
  }
  for (const { title, field } of made) need(title).makers.set(field, 'program');
  return [...needs]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, { whole, makers }]) => {
      const fields = [...makers].map(([field, maker]) => ({ field, maker }));
      return { title, whole, fields: fields.sort((a, b) => (a.field < b.field ? -1 : 1)) };
    });
}

/** The spec of an ExternalSecret, also of those that a ClusterExternalSecret makes. */
function specsOf(object: KubernetesObject): (Json | undefined)[] {
  if (groupOf(object) !== 'external-secrets.io') return [];
  if (object.kind === 'ExternalSecret') return [object['spec']];
  return object.kind === 'ClusterExternalSecret' ? [valueAt(object, 'spec', 'externalSecretSpec')] : [];
}

const everything = Symbol('all fields');
/** Files have contents of their own, which are not looked at. */
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

/** A property may say what it is: `field/<name>` or `file/<name>`. */
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
