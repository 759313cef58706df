import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isScalar } from 'yaml';
import { ManifestError, Problems } from './manifestError';
import { printable } from './plainText';
import { type YamlDocument, readYamlFile } from './yamlFile';

/** The ConfigMap with a cluster's settings, which Flux Kustomizations substitute from. */
export const settingsConfigMap = { name: 'cluster-settings', namespace: 'flux-system' } as const;

/** A cluster's settings as Flux substitutes them. */
export interface ClusterSettings {
  /** Path of the file, relative to the repository root. */
  file: string;
  /** The ConfigMap's `data`, with line breaks removed, as Flux does. */
  values: Record<string, string>;
  /** 1-based line of a key, or of `data` for an unknown key. */
  line(key: string): number;
}

const keyName = /^[_A-Za-z][_A-Za-z0-9]*$/;

/** Names of the clusters in the repository: the folders under `kubernetes/clusters`, sorted. */
export function listClusters(repoRoot: string): string[] {
  const folder = join(repoRoot, 'kubernetes', 'clusters');
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** A cluster's folder, relative to the repository root. */
export function clusterFolder(cluster: string): string {
  return `kubernetes/clusters/${cluster}`;
}

/** The list of a cluster's systems. */
export function listFileOf(cluster: string): string {
  return `${clusterFolder(cluster)}/kustomization.yaml`;
}

/**
 * Reads `kubernetes/clusters/<cluster>/cluster-settings.yaml`. Throws a ManifestError that lists every problem: a
 * missing cluster or file, invalid YAML, a duplicate key, a key that Flux cannot substitute, a value that is not a string.
 */
export function readClusterSettings(repoRoot: string, cluster: string): ClusterSettings {
  const clusters = listClusters(repoRoot);
  if (!clusters.includes(cluster)) {
    const known = clusters.length === 0 ? 'there are no clusters' : `existing clusters: ${clusters.join(', ')}`;
    throw new ManifestError([
      `${clusterFolder(cluster)}: cluster does not exist; ${known}. Create the folder or fix the stack name`,
    ]);
  }
  const file = `${clusterFolder(cluster)}/cluster-settings.yaml`;
  const documents = readYamlFile(repoRoot, file);
  const [document] = documents;
  if (document === undefined || documents.length !== 1) {
    throw new ManifestError([
      `${file}: contains ${documents.length} documents; it must contain exactly one, a ConfigMap`,
    ]);
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
    const text = found === undefined ? 'is missing' : `is ${printable(JSON.stringify(found), 80)}`;
    problems.add(`${document.file}:${document.line}`, `${path.join('.')} ${text}; it must be ${value}`);
  }
  problems.throwIfAny();
}

function readData(document: YamlDocument): ClusterSettings {
  const { file } = document;
  const data = document.document.get('data', true);
  if (!isMap(data)) {
    throw new ManifestError([`${file}:${document.line}: has no \`data\`; add it, with every setting as a string`]);
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
      problems.add(
        place,
        `${printable(JSON.stringify(name), 80)} cannot be substituted; use letters, digits and _, and do not start with a digit`,
      );
    } else if (typeof read !== 'string') {
      const isPlain = typeof read === 'number' || typeof read === 'boolean';
      const what = isPlain ? `the ${typeof read} ${read}` : 'not a string';
      const written = (isScalar(value) ? value.source : undefined) ?? String(read);
      const fix = isPlain ? `write "${printable(written, 80)}"` : 'write a quoted string';
      problems.add(place, `${name} is ${what}, but ConfigMap values must be strings; ${fix}`);
    } else {
      values[name] = read.replaceAll('\n', '');
      lines.set(name, line);
    }
  }
  problems.throwIfAny();
  return { file, values, line: (key) => lines.get(key) ?? dataLine };
}
