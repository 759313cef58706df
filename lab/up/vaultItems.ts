import { randomBytes } from 'node:crypto';
import type { OnePasswordField } from '../../cluster/secretCategories';
import { type Json, type KubernetesObject, isMap, specOf, valueAt } from '../../gitops/kubernetesObject';
import type { SeedItem } from '../services/connect/types';

/**
 * What people would enter into the vault: the fields of every item that an ExternalSecret reads, with random values.
 * @param generated fields that the program generates, which must be missing at first, as in production
 */
export function vaultItems(
  objects: readonly KubernetesObject[],
  generated: readonly Pick<OnePasswordField, 'title' | 'field'>[],
): SeedItem[] {
  const fields = new Map<string, Set<string>>();
  const add = (key: Json | undefined, names: readonly string[]): void => {
    if (typeof key !== 'string') return;
    const entered = names.filter((name) => !generated.some(({ title, field }) => title === key && field === name));
    if (entered.length === 0) return;
    fields.set(key, new Set([...(fields.get(key) ?? []), ...entered]));
  };
  for (const object of objects) {
    if (object.kind !== 'ExternalSecret') continue;
    const spec = specOf(object);
    for (const entry of listOf(spec['data'])) {
      const property = valueAt(entry, 'remoteRef', 'property');
      // The provider's default.
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
      fields: Object.fromEntries([...names].sort().map((name) => [name, valueOf(name)])),
    }));
}

/** Alertmanager refuses an address that is none. This one leads nowhere. */
function valueOf(field: string): string {
  const random = randomBytes(24).toString('base64url');
  return field === 'url' ? `https://lab.invalid/${random}` : random;
}

/** The extracted fields that an ExternalSecret's template uses. */
function templateFields(spec: Json): string[] {
  const template = JSON.stringify(valueAt(spec, 'target', 'template') ?? null);
  return [...new Set([...template.matchAll(/\{\{[^}]*?\.([A-Za-z_]\w*)/g)].map((match) => match[1] ?? ''))];
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}
