import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder } from './cacheFolder';
import { tools, type ToolName, type ToolSpec } from './manifest';
import { toolKey } from './toolKey';

/** Where a tool's binary is, or will be, in the cache. */
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

/** True when the text that a tool prints for its version names exactly this version. */
export function saysVersion(text: string, version: string): boolean {
  const escaped = version.replace(/^v/, '').replaceAll('.', '\\.');
  return new RegExp(`(^|[^0-9.])${escaped}(?![0-9-]|\\.[0-9])`, 'm').test(text);
}

/** The binary of a tool that is already here, from PATH (exact version only) or the cache; undefined to build it. */
export function findTool(name: ToolName, toolsFolder: string): string | undefined {
  const spec: ToolSpec = tools[name];
  const candidate = spec.versionArguments && onPath(spec.binary ?? name);
  if (candidate && spec.versionArguments) {
    try {
      const text = execFileSync(candidate, [...spec.versionArguments], {
        encoding: 'utf8',
        timeout: 10_000,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      if (saysVersion(text, spec.version)) return candidate;
    } catch {
      // Not usable: the cache decides.
    }
  }
  const cached = cachedPath(name, toolsFolder);
  return existsSync(cached) ? cached : undefined;
}
