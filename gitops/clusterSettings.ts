import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isScalar } from 'yaml';
import { ManifestError, Problems } from './manifestError';
import { type YamlDocument, readYamlFile } from './yamlFile';

/** Where the settings live in every cluster: Flux Kustomizations name this ConfigMap. */
export const settingsConfigMap = { name: 'cluster-settings', namespace: 'flux-system' } as const;

/** A cluster's settings, exactly as Flux substitutes them. */
export interface ClusterSettings {
  /** Path of the file from the repository's root. */
  file: string;
  /** Every key of the ConfigMap's `data`; line breaks are taken out, as Flux does. */
  values: Record<string, string>;
  /** The line of a key, from 1; that of `data` for an unknown key. */
  line(key: string): number;
}

const keyName = /^[_A-Za-z][_A-Za-z0-9]*$/;

/** The clusters that Git knows, by folder name, sorted. */
export function listClusters(repoRoot: string): string[] {
  const folder = join(repoRoot, 'kubernetes', 'clusters');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** The folder of a cluster, from the repository's root. */
export function clusterFolder(cluster: string): string {
  return `kubernetes/clusters/${cluster}`;
}

/**
 * Reads `kubernetes/clusters/<cluster>/cluster-settings.yaml`. Throws a ManifestError with every problem: missing
 * cluster or file, broken YAML, duplicate key, a key that Flux cannot substitute, a value that is no string.
 */
export function readClusterSettings(repoRoot: string, cluster: string): ClusterSettings {
  const clusters = listClusters(repoRoot);
  if (!clusters.includes(cluster)) {
    const known = clusters.length === 0 ? 'there is none' : `there are: ${clusters.join(', ')}`;
    throw new ManifestError([
      `${clusterFolder(cluster)}: there is no such cluster; ${known}. Create the folder or correct the stack's name`,
    ]);
  }
  const file = `${clusterFolder(cluster)}/cluster-settings.yaml`;
  const documents = readYamlFile(repoRoot, file);
  const [document] = documents;
  if (document === undefined || documents.length !== 1) {
    throw new ManifestError([`${file}: holds ${documents.length} documents; it must hold one ConfigMap`]);
  }
  checkIdentity(document);
  return readData(document);
}

function checkIdentity(document: YamlDocument): void {
  const problems = new Problems();
  const expected: [string[], string][] = [
    [['apiVersion'], 'v1'],
    [['kind'], 'ConfigMap'],
    [['metadata', 'name'], settingsConfigMap.name],
    [['metadata', 'namespace'], settingsConfigMap.namespace],
  ];
  for (const [path, value] of expected) {
    const found = document.document.getIn(path);
    if (found === value) continue;
    const text = found === undefined ? 'is missing' : `is ${JSON.stringify(found)}`;
    problems.add(`${document.file}:${document.line}`, `${path.join('.')} ${text}; it must be ${value}`);
  }
  problems.throwIfAny();
}

function readData(document: YamlDocument): ClusterSettings {
  const { file } = document;
  const data = document.document.get('data', true);
  if (!isMap(data)) {
    throw new ManifestError([`${file}:${document.line}: has no \`data\`; list the settings there, each a string`]);
  }
  const problems = new Problems();
  const values: Record<string, string> = {};
  const lines = new Map<string, number>();
  const dataLine = document.lineAt(data.range?.[0] ?? 0);
  for (const { key, value } of data.items) {
    const name = isScalar(key) ? String(key.value) : '';
    const line = isScalar(key) ? document.lineAt(key.range?.[0] ?? 0) : dataLine;
    const place = `${file}:${line}`;
    const read: unknown = isScalar(value) ? value.value : undefined;
    if (!keyName.test(name)) {
      problems.add(place, `${JSON.stringify(name)} cannot be substituted; use letters, digits and _, no digit first`);
    } else if (typeof read !== 'string') {
      const known = typeof read === 'number' || typeof read === 'boolean';
      const what = known ? `the ${typeof read} ${read}` : 'no string';
      const fix = known ? `write "${isScalar(value) ? (value.source ?? read) : read}"` : 'give it a quoted text';
      problems.add(place, `${name} is ${what}, and a ConfigMap holds only strings; ${fix}`);
    } else {
      values[name] = read.replaceAll('\n', '');
      lines.set(name, line);
    }
  }
  problems.throwIfAny();
  return { file, values, line: (key) => lines.get(key) ?? dataLine };
}
