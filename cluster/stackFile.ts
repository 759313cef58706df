import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isMap } from '../gitops/kubernetesObject';
import { ManifestError } from '../gitops/manifestError';
import { Sources } from '../gitops/sources';
import { readPlainYaml } from '../gitops/yamlFile';
import { readTextFile } from '../gitops/textFile';
import type { StackConfigSource } from './stackConfig';

/** The stacks of a folder, i.e. those with a `Pulumi.<stack>.yaml`, sorted by name. */
export function listStacks(folder: string): string[] {
  return readdirSync(folder)
    .flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? [])
    .sort();
}

/** The project's name from its Pulumi.yaml. Throws a ManifestError if the file cannot be read or has no name. */
export function projectName(folder: string): string {
  const project = readPlainYaml(folder, 'Pulumi.yaml');
  const name = isMap(project) ? project['name'] : undefined;
  if (typeof name !== 'string') throw new ManifestError(['Pulumi.yaml: `name` is missing; give the project a name']);
  return name;
}

/**
 * Reads a stack's configuration from its file, without the engine. Recognizes secrets by their `secure:` form and
 * decrypts nothing. Throws a ManifestError if the file cannot be read or is not a stack file.
 */
export function readStackFile(path: string, project: string): StackConfigSource {
  const file = basename(path);
  const document = readPlainYaml(dirname(path), file) ?? {};
  const config = isMap(document) ? (document['config'] ?? {}) : document;
  if (!isMap(config)) throw new ManifestError([`${file}: has no map \`config\`; add it`]);
  const source = stackConfigSource(file, project, config);
  // Parsed again, because only messages need the lines.
  const sources = new Sources(() => readTextFile(join(dirname(path), file)));
  const line = ([first = '', ...rest]: readonly PropertyKey[]): number | undefined => {
    const key = [`${project}:${String(first)}`, String(first)].find((full) => Object.hasOwn(config, full));
    const steps = rest.map((part) => (typeof part === 'number' ? part : String(part)));
    return key === undefined ? undefined : sources.documents(file)[0]?.lineOf(['config', key, ...steps]);
  };
  return { ...source, line, readFile: fileReader(dirname(path)) };
}

/** A stack's configuration from the `config` section of its file. Keys of other projects keep their prefix. */
export function stackConfigSource(file: string, project: string, config: Record<string, unknown>): StackConfigSource {
  const entries = Object.entries(config).flatMap(([full, value]): [string, unknown][] => {
    const key = stackKey(full, project);
    return key === undefined ? [] : [[key, value]];
  });
  const isSecret = (value: unknown): boolean => typeof value === 'object' && value !== null && 'secure' in value;
  const secretKeys = new Set(entries.filter(([, value]) => isSecret(value)).map(([key]) => key));
  return { file, values: Object.fromEntries(entries), secretKeys, readFile: noFiles };
}

/** Reads files of a folder. */
export function fileReader(folder: string): StackConfigSource['readFile'] {
  return (path) => readTextFile(join(folder, path));
}

function noFiles(path: string): string {
  throw new Error(`${path} belongs to no folder`);
}

/** Strips the project's prefix from a key and keeps other prefixes; undefined for the engine's `pulumi:` keys. */
export function stackKey(full: string, project: string): string | undefined {
  if (full.startsWith('pulumi:')) return undefined;
  return full.startsWith(`${project}:`) ? full.slice(project.length + 1) : full;
}
