import type { DefinitionInput } from '../../cluster/defineCluster';
import { keyPath } from '../../cluster/keyPath';
import { secretConfigKeys } from '../../cluster/stackConfig';
import { baseInput } from './fixtures';

/** What people and tools get wrong, by name: what a value becomes; undefined if it is left out. */
export const mutations: Readonly<Record<string, (value: unknown) => unknown>> = {
  missing: () => undefined,
  null: () => null,
  empty: () => '',
  blank: () => ' ',
  zero: () => 0,
  negative: () => -1,
  fraction: () => 1.5,
  huge: () => 1e21,
  'not a number': () => Number.NaN,
  true: () => true,
  false: () => false,
  'an empty list': () => [],
  'an empty map': () => ({}),
  'in a list': (value) => [value],
  'in a map': (value) => ({ value }),
  'a secret': () => ({ secure: 'v1:x' }),
  'a leading space': (value) => ` ${String(value)}`,
  'a trailing line break': (value) => `${String(value)}\n`,
  'a control character': (value) => insert(value, '\u0007'),
  'a zero-width character': (value) => insert(value, '\u200b'),
  'a bidirectional character': (value) => insert(value, '\u202e'),
  '100 kB': (value) => String(value).padEnd(100_000, String(value)),
  'upper case': (value) => (typeof value === 'string' ? value.toUpperCase() : value),
  'the other type': (value) => (typeof value === 'string' ? Number(value) : String(value)),
  'a path upwards': (value) => `${String(value)}/../x`,
};

function insert(value: unknown, character: string): string {
  const text = String(value);
  return text.slice(0, 1) + character + text.slice(1);
}

/** A definition that differs from a valid one in a single leaf. */
export interface Mutant {
  mutation: string;
  /** The leaf: `network.mtu`, `nodes[].name`, or a setting's key. */
  key: string;
  input: DefinitionInput;
}

/** Every mutation of every leaf of a stack file with all its sections, and of every setting. */
export function* mutants(): Generator<Mutant> {
  const timeouts = { etcd: 600, crds: 600, handover: 600 };
  const rotations = {
    ciliumCa: '2026-01-31',
    observabilityCa: '2026-01-31',
    servicesCa: '2026-01-31',
    tunnel: '2026-01-31.2',
    cloudflareTokens: '2026-02-01',
  };
  const access = { hosts: ['*'], emails: ['a@example.org'], emailDomains: ['example.org'] };
  const sections = { 'config.timeouts': timeouts, 'config.rotations': rotations, 'config.cloudflare.access': access };
  const selector = { size: '>= 400GB', model: 'A*', serial: '1', wwid: '2', busPath: '/pci*', type: 'nvme' };
  const bySelector = baseInput({
    set: { 'config.machines.installDiskSelector': selector },
    remove: ['config.machines.installDisk'],
  });
  yield* ofConfig(baseInput({ set: sections }), []);
  yield* ofConfig(bySelector, ['machines', 'installDiskSelector']);
  yield* ofSettings(baseInput());
}

function* ofConfig(base: DefinitionInput, below: readonly string[]): Generator<Mutant> {
  for (const path of leaves(base.config.values)) {
    if (below.some((part, at) => path[at] !== part)) continue;
    if ((secretConfigKeys as readonly unknown[]).includes(path[0])) continue;
    const key = keyPath(path).replace(/\[\d+\]/g, '[]');
    for (const [mutation, change] of Object.entries(mutations)) {
      const values = structuredClone(base.config.values);
      if (replace(values, path, change))
        yield { mutation, key, input: { ...base, config: { ...base.config, values } } };
    }
  }
}

function* ofSettings(base: DefinitionInput): Generator<Mutant> {
  for (const key of Object.keys(base.settings.values)) {
    for (const [mutation, change] of Object.entries(mutations)) {
      const values = { ...base.settings.values };
      // The reader of settings refuses everything but text.
      const asText = (value: unknown): unknown => {
        const changed = change(value);
        return changed === undefined || typeof changed === 'string' ? changed : (JSON.stringify(changed) ?? 'null');
      };
      if (!replace(values, [key], asText)) continue;
      yield { mutation, key, input: { ...base, settings: { ...base.settings, values, line: () => 1 } } };
    }
  }
}

/** Changes a value in place. Whether it is another one then. */
function replace(values: unknown, path: readonly PropertyKey[], change: (value: unknown) => unknown): boolean {
  const last = path.at(-1) ?? '';
  let parent = values as Record<PropertyKey, unknown>;
  for (const part of path.slice(0, -1)) parent = parent[part] as Record<PropertyKey, unknown>;
  const before = parent[last];
  const after = change(before);
  if (Object.is(after, before)) return false;
  if (after !== undefined) parent[last] = after;
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return true;
}

/** The paths of all values that are neither a list nor a map. */
function* leaves(value: unknown, path: readonly (string | number)[] = []): Generator<readonly (string | number)[]> {
  if (typeof value !== 'object' || value === null) yield path;
  else {
    for (const [key, child] of Object.entries(value))
      yield* leaves(child, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}
