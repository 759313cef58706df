import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import type { ListedSystems } from '../../gitops/listedSystems';
import type { DefinitionInput } from '../../cluster/defineCluster';
import { settingsFileName } from '../../cluster/names';
import { parseSettings, type SettingsSource } from '../../cluster/settings';
import { stackConfigSource } from '../../cluster/stackFile';

const folder = join(__dirname, '..', 'fixtures');

interface Base {
  config: Record<string, unknown>;
  settings: Record<string, string>;
  systems: Record<string, { settings?: string[]; fields?: string[] }>;
  west: { ownsZone?: boolean; nodes: { name: string; address: string }[]; settings: Record<string, string> };
}

/** A file in fixtures/invalid: its changes to the base, by dotted path, and the expected problems. */
export interface InvalidFixture {
  reason: string;
  set?: Record<string, unknown>;
  remove?: string[];
  /** Files next to the stack file, by path. */
  files?: Record<string, string>;
  problems: string[];
}

/** Settings whose line is their 1-based position in the object. */
export function settingsSource(cluster: string, values: Record<string, string>): SettingsSource {
  return { file: settingsFileName(cluster), values, line: (key) => Object.keys(values).indexOf(key) + 1 };
}

const readBase = (): Base => parse(readFileSync(join(folder, 'valid', 'base.yaml'), 'utf8')) as Base;

/** The settings of the valid base. */
export const baseSettings = (): Record<string, string> => readBase().settings;

/** What a cluster lists, each of it in a file of its own: fields of 1Password as `<title> <field>`. */
export function listedSystems(systems: Base['systems'], unknown: readonly string[] = []): ListedSystems {
  const folderOf = (name: string) => `kubernetes/infrastructure/${name}`;
  const useOf = (kustomization: string) => ({ kustomization, place: `${folderOf(kustomization)}/manifest.yaml:12` });
  const entries = Object.entries(systems);
  return {
    kustomizations: entries.map(([name]) => ({
      name,
      path: folderOf(name),
      place: `kubernetes/systems/${name}/ks.yaml:2`,
    })),
    variables: new Map(entries.flatMap(([name, { settings = [] }]) => settings.map((key) => [key, useOf(name)]))),
    vaultFields: entries.flatMap(([name, { fields = [] }]) =>
      fields.map((text) => {
        const [title = '', field = ''] = text.split(' ');
        return { title, field, by: useOf(name) };
      }),
    ),
    unknown,
  };
}

/** The valid base with changes. */
export function baseInput({ set = {}, remove = [], files = {} }: Partial<InvalidFixture> = {}): DefinitionInput {
  const base = readBase();
  for (const [path, value] of Object.entries(set)) at(base, path, (parent, key) => (parent[key] = value));
  for (const path of remove) at(base, path, (parent, key) => delete parent[key]);
  const config = Object.fromEntries(
    Object.entries(base.config).map(([key, value]) => [key.includes(':') ? key : `k8s-gitops:${key}`, value]),
  );
  return {
    stack: 'east',
    project: 'k8s-gitops',
    systems: listedSystems(base.systems),
    config: {
      ...stackConfigSource('Pulumi.east.yaml', 'k8s-gitops', config),
      readFile: (path) => {
        const content = files[path];
        if (content === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
        return content;
      },
    },
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
