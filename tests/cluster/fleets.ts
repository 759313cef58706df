import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type DefinitionInput, defineCluster } from '../../cluster/defineCluster';
import type { ClusterDefinition } from '../../cluster/definition';
import { withSecretsSet } from '../../cluster/stackConfig';
import { readStackFile } from '../../cluster/stackFile';
import { baseSettings, settingsSource } from './fixtures';

// The fleets of fixtures/machines: see its README.

const folder = join(__dirname, '..', 'fixtures', 'machines');

/** The names of the fleets, sorted. */
export const fleetNames: readonly string[] = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

/** What a cluster without neighbours and with one node needs; a fleet's own settings come last. */
const common = { CLUSTERMESH_PEERS: '[]', ROOK_CEPH_MON_COUNT: '1' };

/** A fleet as the program reads it, with settings that only have to be right. */
export function fleetInput(name: string): DefinitionInput {
  const settings = join(folder, name, 'settings.yaml');
  const own = existsSync(settings) ? (parse(readFileSync(settings, 'utf8')) as Record<string, string>) : {};
  return {
    stack: name,
    project: 'k8s-gitops',
    config: withSecretsSet(readStackFile(join(folder, name, 'stack.yaml'), 'k8s-gitops')),
    settings: settingsSource(name, { ...baseSettings(), ...common, CLUSTER: name, ...own }),
    others: [],
  };
}

/** @throws DefinitionError with all problems */
export const fleetDefinition = (name: string): ClusterDefinition => defineCluster(fleetInput(name));

/** Compares with a file of a fleet. UPDATE_FLEETS=1 writes it instead. */
export function expectFleetFile(name: string, file: string, text: string): void {
  const path = join(folder, name, file);
  if (process.env.UPDATE_FLEETS !== undefined) writeFileSync(path, text);
  expect(existsSync(path) ? readFileSync(path, 'utf8') : `no ${file}; run with UPDATE_FLEETS=1`).toBe(text);
}

/** The files of a fleet that are the configurations of machines, sorted. */
export const configurationFiles = (name: string): string[] =>
  readdirSync(join(folder, name))
    .filter((file) => file.startsWith('machine-'))
    .sort();
