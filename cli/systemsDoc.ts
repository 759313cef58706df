import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { managedFields } from '../cluster/onePasswordFields';
import { settingKeys } from '../cluster/settings';
import { generatedFolder } from '../gitops/generate/generatedFiles';
import { readListedSystems } from '../gitops/listedSystems';
import { listOf, textOf, valueAt, type Json } from '../gitops/kubernetesObject';
import { systemsFolder } from '../gitops/systems';
import { readYamlFile } from '../gitops/yamlFile';
import { markdownTable, withTable } from './docTable';
import { coreSystem } from './init/systems';

/** Path of the page with the table, relative to the repository's root. */
export const systemsDocFile = 'docs/adopt.md';

const header = ['system', 'needs', 'settings', '1Password', 'pruned'];

/** A system of the tree: its Flux Kustomizations, and what it demands of a cluster that lists it. */
interface System {
  name: string;
  provides: string[];
  dependsOn: string[];
  pruned: boolean;
  settings: string[];
  fields: { title: string; field: string }[];
}

/**
 * The page with a new table of the systems, between `<!-- systems -->` and `<!-- end of systems -->`.
 * @throws Error if the table's place is missing
 */
export function withSystemsTable(page: string, root: string): string {
  const place = { file: systemsDocFile, start: 'systems', end: 'end of systems', what: 'systems' };
  return withTable(page, place, systemsTable(root));
}

function systemsTable(root: string): string {
  const names = readdirSync(join(root, systemsFolder), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const systems = withEachAlone(root, names.map(({ name }) => name).sort());
  const always = new Set<string>([
    ...Object.values(settingKeys),
    ...systems.flatMap(({ name, settings }) => (name === coreSystem ? settings : [])),
  ]);
  /** Alternatives have the same Flux Kustomization, whose name theirs begin with. */
  const provider = (name: string): string => {
    const [only, ...more] = systems.filter(({ provides }) => provides.includes(name)).map((system) => system.name);
    return more.length > 0 ? `${name}\u2026` : (only ?? name);
  };
  const rows = systems
    .filter(({ name }) => name !== coreSystem)
    .map(({ name, dependsOn, settings, fields, pruned }) => [
      code([name]),
      code([...new Set(dependsOn.map(provider))].filter((other) => other !== coreSystem && other !== name)),
      code(settings.filter((key) => !always.has(key))),
      [
        ...new Set(
          fields.map(
            ({ title, field }) =>
              `\`${title}\` ${field}${managed.some((one) => one.title === title && one.field === field) ? ' ⚙' : ''}`,
          ),
        ),
      ].join('<br>'),
      pruned ? 'yes' : 'no',
    ]);
  return markdownTable(
    header,
    rows.map((cells) => cells.map((cell) => cell || '–')),
  );
}

const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join('<br>');

/** Each system as a cluster that lists nothing else has it, read as the program does. */
function withEachAlone(root: string, names: readonly string[]): System[] {
  const scratch = mkdtempSync(join(tmpdir(), 'systems-'));
  try {
    mkdirSync(join(scratch, 'kubernetes'));
    for (const part of ['systems', 'infrastructure', 'workloads', 'components']) {
      symlinkSync(join(root, 'kubernetes', part), join(scratch, 'kubernetes', part));
    }
    return names.map((name) => readAlone(root, scratch, name));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** The cluster of the table. Settings that titles of items use, and those that every cluster has. */
const cluster = '<cluster>';
const tsigItem = `kubernetes/${cluster}/external-dns-rfc2136`;
const settingsOfAll = {
  CLUSTER: cluster,
  BIND_TSIG_SECRET_PATH: tsigItem,
  SOURCE_VERIFICATION: 'none',
};
/** The fields that the program generates or fills. */
const managed = Object.values(managedFields({ name: cluster, tsigItem }));

function readAlone(root: string, scratch: string, name: string): System {
  const entry = join(scratch, 'kubernetes/clusters', name);
  mkdirSync(entry, { recursive: true });
  const list = {
    resources: ['cluster-settings.yaml', `../../systems/${name}`],
    components: ['../../components/cluster-defaults'],
  };
  const kustomization = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...list };
  writeFileSync(join(entry, 'kustomization.yaml'), JSON.stringify(kustomization));
  // What a cluster that stores has generated follows from all clusters, and demands nothing of people.
  const generated = join(scratch, generatedFolder(cluster));
  mkdirSync(generated, { recursive: true });
  const { resources: _, ...empty } = kustomization;
  writeFileSync(join(generated, 'kustomization.yaml'), JSON.stringify({ ...empty, components: [], resources: [] }));
  const metadata = { name: 'cluster-settings', namespace: 'flux-system' };
  writeFileSync(
    join(entry, 'cluster-settings.yaml'),
    JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: settingsOfAll }),
  );
  const { variables, vaultFields, unknown } = readListedSystems(scratch, name);
  if (unknown.length > 0)
    throw new Error(`${systemsFolder}/${name}: ${unknown.join(', ')} cannot be read; \`npm run validate\` says why`);
  const objects = readYamlFile(root, `${systemsFolder}/${name}/ks.yaml`).map(({ value }) => value as Json);
  const provides = objects.map((object) => textOf(valueAt(object, 'metadata', 'name')));
  const dependsOn = objects.flatMap((object) => listOf(valueAt(object, 'spec', 'dependsOn')));
  return {
    name,
    provides,
    dependsOn: dependsOn.map((dependency) => textOf(valueAt(dependency, 'name'))),
    pruned: !objects.some((object) => valueAt(object, 'metadata', 'labels', 'k8s-gitops/prune') === 'never'),
    settings: [...variables.keys()].sort(),
    fields: vaultFields,
  };
}
