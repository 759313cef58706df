import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import type { DefinitionInput } from '../../cluster/defineCluster';
import { settingsFileName } from '../../cluster/names';
import { parseSettings, type SettingsSource } from '../../cluster/settings';
import { stackConfigSource } from '../../cluster/stackFile';

const folder = join(__dirname, '..', 'fixtures');

interface Base {
  config: Record<string, unknown>;
  settings: Record<string, string>;
  west: { ownsZone?: boolean; nodes: { name: string; address: string }[]; settings: Record<string, string> };
}

/** A file in fixtures/invalid: its changes to the base, by dotted path, and the expected problems. */
export interface InvalidFixture {
  reason: string;
  set?: Record<string, unknown>;
  remove?: string[];
  problems: string[];
}

/** Settings whose line is their 1-based position in the object. */
export function settingsSource(cluster: string, values: Record<string, string>): SettingsSource {
  return { file: settingsFileName(cluster), values, line: (key) => Object.keys(values).indexOf(key) + 1 };
}

/** The valid base with changes. */
export function baseInput({ set = {}, remove = [] }: Partial<InvalidFixture> = {}): DefinitionInput {
  const base = parse(readFileSync(join(folder, 'valid', 'base.yaml'), 'utf8')) as Base;
  for (const [path, value] of Object.entries(set)) at(base, path, (parent, key) => (parent[key] = value));
  for (const path of remove) at(base, path, (parent, key) => delete parent[key]);
  const config = Object.fromEntries(
    Object.entries(base.config).map(([key, value]) => [key.includes(':') ? key : `k8s-gitops:${key}`, value]),
  );
  return {
    stack: 'east',
    config: stackConfigSource('Pulumi.east.yaml', 'k8s-gitops', config),
    settings: settingsSource('east', base.settings),
    others: [
      { ...base.west, name: 'west', settings: parseSettings(settingsSource('west', base.west.settings)).settings },
    ],
  };
}

/** All files in fixtures/invalid, sorted. */
export function invalidFixtures(): InvalidFixture[] {
  return readdirSync(join(folder, 'invalid'))
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => {
      const text = readFileSync(join(folder, 'invalid', file), 'utf8');
      return { reason: basename(file, '.yaml'), ...(parse(text) as Omit<InvalidFixture, 'reason'>) };
    });
}

function at(base: object, path: string, change: (parent: Record<string, unknown>, key: string) => void): void {
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  const parent = keys.reduce((object, key) => object[key] as Record<string, unknown>, base as Record<string, unknown>);
  if (parent === undefined) throw new Error(`the base has no ${path}`);
  change(parent, last);
}
