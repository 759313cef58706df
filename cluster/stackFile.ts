import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parse } from 'yaml';
import type { StackConfigSource } from './stackConfig';

/**
 * Reads a stack's configuration from its file, without the engine. Recognizes secrets by their `secure:` form and
 * decrypts nothing. Throws if the file cannot be read or is not valid YAML.
 */
export function readStackFile(path: string, project: string): StackConfigSource {
  const document = parse(readFileSync(path, 'utf8')) as { config?: Record<string, unknown> } | null;
  return stackConfigSource(basename(path), project, document?.config ?? {});
}

/** A stack's configuration from the `config` section of its file. Keys of other projects keep their prefix. */
export function stackConfigSource(file: string, project: string, config: Record<string, unknown>): StackConfigSource {
  const values: Record<string, unknown> = {};
  const secretKeys = new Set<string>();
  for (const [full, value] of Object.entries(config)) {
    const key = stackKey(full, project);
    if (key === undefined) continue;
    values[key] = value;
    if (typeof value === 'object' && value !== null && 'secure' in value) secretKeys.add(key);
  }
  return { file, values, secretKeys };
}

/** Strips the project's prefix from a key and keeps other prefixes; undefined for the engine's `pulumi:` keys. */
export function stackKey(full: string, project: string): string | undefined {
  if (full.startsWith('pulumi:')) return undefined;
  return full.startsWith(`${project}:`) ? full.slice(project.length + 1) : full;
}
