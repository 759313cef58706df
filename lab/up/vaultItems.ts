import { randomBytes } from 'node:crypto';
import type { VaultField } from '../../cluster/vaultFields';
import { type Json, type KubernetesObject, isMap, specOf, valueAt } from '../../gitops/kubernetesObject';
import type { SeedItem } from '../services/connect/types';

/**
 * What people would have put into the vault: for every item that an ExternalSecret reads, its fields, made up here.
 * @param made what the program makes itself, and so finds missing here as it would in production
 */
export function vaultItems(
  objects: readonly KubernetesObject[],
  made: readonly Pick<VaultField, 'title' | 'field'>[],
): SeedItem[] {
  const fields = new Map<string, Set<string>>();
  const add = (key: Json | undefined, names: readonly string[]): void => {
    if (typeof key !== 'string') return;
    const ofPeople = names.filter((name) => !made.some(({ title, field }) => title === key && field === name));
    if (ofPeople.length === 0) return;
    fields.set(key, new Set([...(fields.get(key) ?? []), ...ofPeople]));
  };
  for (const object of objects) {
    if (object.kind !== 'ExternalSecret') continue;
    const spec = specOf(object);
    for (const entry of listOf(spec['data'])) {
      const property = valueAt(entry, 'remoteRef', 'property');
      // The provider's own default.
      add(valueAt(entry, 'remoteRef', 'key'), [typeof property === 'string' ? property : 'password']);
    }
    const used = templateFields(spec);
    for (const entry of listOf(spec['dataFrom'])) {
      add(valueAt(entry, 'extract', 'key'), used.length > 0 ? used : ['value']);
    }
  }
  return [...fields]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([title, names]) => ({
      title,
      fields: Object.fromEntries([...names].sort().map((name) => [name, randomBytes(24).toString('base64url')])),
    }));
}

/** The fields that an ExternalSecret's template takes from what it extracts. */
function templateFields(spec: Json): string[] {
  const template = JSON.stringify(valueAt(spec, 'target', 'template') ?? null);
  return [...new Set([...template.matchAll(/\{\{[^}]*?\.([A-Za-z_]\w*)/g)].map((match) => match[1] ?? ''))];
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}
