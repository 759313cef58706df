import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import execa from 'execa';
import { cacheFolder } from './cacheFolder';
import { tools, type ToolName, type ToolSpec } from './manifest';
import { toolKey } from './toolKey';

/** The path of a tool's binary in the cache, built or not. */
export function cachedPath(name: ToolName, toolsFolder: string): string {
  const spec: ToolSpec = tools[name];
  return join(cacheFolder(), 'tools', name, toolKey(spec, toolsFolder), spec.binary ?? name);
}

function onPath(name: string): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder.
    }
  }
  return undefined;
}

/** Whether the text that a tool prints for its version contains exactly this version. */
export function reportsVersion(text: string, version: string): boolean {
  const escaped = version.replace(/^v/, '').replaceAll('.', '\\.');
  return new RegExp(`(^|[^0-9.])${escaped}(?![0-9-]|\\.[0-9])`, 'm').test(text);
}

/** The binary of a tool from PATH (exact version only) or the cache; undefined if it must be built. */
export function findTool(name: ToolName, toolsFolder: string): string | undefined {
  const spec: ToolSpec = tools[name];
  const candidate = spec.versionArguments && onPath(spec.binary ?? name);
  if (candidate && spec.versionArguments) {
    try {
      const { stdout } = execa.sync(candidate, spec.versionArguments, { stdin: 'ignore', timeout: 10_000 });
      if (reportsVersion(stdout, spec.version)) return candidate;
    } catch {
      // Not usable: falls back to the cache.
    }
  }
  const cached = cachedPath(name, toolsFolder);
  return existsSync(cached) ? cached : undefined;
}
