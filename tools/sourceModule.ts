import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { goEnvironment, makeCacheFolder } from './cacheFolder';
import { sourceModules } from './manifest';
import { runGo } from './runGo';
import { ToolError } from './toolError';

/**
 * The folder of a pinned Go module whose files (CRDs, charts, manifests) are read; downloads it if necessary.
 * @throws ToolError if the module is not in the manifest, is not available, or does not match the committed checksum
 */
export async function moduleDir(path: string): Promise<string> {
  const pin = sourceModules[path];
  if (!pin) throw new ToolError(`${path}: not in sourceModules of tools/manifest.ts; add it with version and checksum`);
  const cached = downloadedDir(path);
  if (cached !== undefined) return cached;
  const cwd = makeCacheFolder();
  const answer = JSON.parse(
    await runGo(
      ['mod', 'download', '-json', `${path}@${pin.version}`],
      cwd,
      pin.unlisted === true ? { GONOSUMDB: path } : {},
    ),
  ) as {
    Dir: string;
    Sum: string;
  };
  if (answer.Sum !== pin.sum) {
    throw new ToolError(
      `${path}@${pin.version}: checksum is ${answer.Sum}, expected ${pin.sum} (tools/manifest.ts).\n` +
        '  Fix: do not use it; find out who changed the module before you change the pin.',
    );
  }
  return answer.Dir;
}

/** Whether `moduleDir` can return the module without running Go. */
export function isDownloaded(path: string): boolean {
  return downloadedDir(path) !== undefined;
}

/** The module's folder in Go's cache if Go has unpacked it completely and its checksum matches the committed one. */
function downloadedDir(path: string): string | undefined {
  const pin = sourceModules[path];
  const cache = goEnvironment().GOMODCACHE;
  if (!pin || cache === undefined) return undefined;
  // Go's escaping for case-insensitive file systems.
  const escaped = path.replace(/[A-Z]/g, (capital) => `!${capital.toLowerCase()}`);
  const record = join(cache, 'cache', 'download', escaped, '@v', pin.version);
  const folder = join(cache, `${escaped}@${pin.version}`);
  // Go keeps a `.partial` file next to it while unpacking.
  if (!existsSync(`${record}.ziphash`) || existsSync(`${record}.partial`) || !existsSync(folder)) return undefined;
  return readFileSync(`${record}.ziphash`, 'utf8').trim() === pin.sum ? folder : undefined;
}
