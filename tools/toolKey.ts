import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { ToolSpec } from './manifest';

/** Every file below a folder that affects a build, sorted: Go sources, embedded files, go.mod and go.sum. */
function buildInputs(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('_test.go') && !entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/**
 * The cache key of a built tool: a hash of its manifest entry, every file of its module folder, and the platform.
 * Anything that could change the binary changes the key.
 */
export function toolKey(spec: ToolSpec, toolsFolder: string): string {
  const hash = createHash('sha256').update(JSON.stringify({ spec, platform: process.platform, arch: process.arch }));
  const folder = join(toolsFolder, spec.module);
  for (const file of buildInputs(folder)) hash.update(relative(folder, file)).update('\0').update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}
