import { join } from 'node:path';
import { makeCacheFolder } from './cacheFolder';
import { hostArchitecture, releasesFor } from './download/releases';
import { findInCache, findOnPath, removeBroken } from './findTool';
import type { ToolName } from './manifest';
import { waitForLock } from './processLock';
import type { provideTools } from './provideTools';
import type { ToolOptions } from './toolOptions';
import type { ToolProgress } from './toolProgress';

export { isDownloaded, moduleDir } from './sourceModule';
export { ToolError } from './toolError';
export { sourceModules, tools, type ToolName } from './manifest';
export { toolModes, type ToolMode } from './toolOptions';
export { inLines, type ToolProgress, type ToolSource } from './toolProgress';

/** Whether a tool is already on PATH or in the cache, so that it needs neither Go nor the network. */
export function isPresent(name: ToolName, options: ToolOptions = {}): boolean {
  return find(name, withDefaults(options)) !== undefined;
}

function withDefaults(options: ToolOptions): Required<ToolOptions> {
  return {
    mode: options.mode ?? 'auto',
    toolsFolder: options.toolsFolder ?? __dirname,
    releases: options.releases ?? releasesFor(hostArchitecture()),
    http: options.http ?? {},
  };
}

function find(name: ToolName, { mode, toolsFolder, releases }: Required<ToolOptions>): string | undefined {
  if (mode === 'build') return findInCache(name, toolsFolder);
  return findOnPath(name) ?? findInCache(name, toolsFolder, releases[name]);
}

/**
 * Finds, downloads or builds every named tool and returns the absolute path of each binary.
 * Finished tools stay in the cache, so the next run resumes where an interrupted one stopped; two runs wait for each other.
 * @throws ToolError with a fix if a download is not what was expected, Go is missing or a build fails
 */
export async function ensureTools(
  names: readonly ToolName[],
  onProgress: (progress: ToolProgress) => void,
  options: ToolOptions = {},
): Promise<Record<ToolName, string>> {
  const settings = withDefaults(options);
  const paths = Object.fromEntries(names.map((name) => [name, find(name, settings)])) as Record<
    ToolName,
    string | undefined
  >;
  if (names.some((name) => !paths[name])) {
    const lock = await waitForLock(join(makeCacheFolder(), 'build.lock'), (pid) =>
      onProgress({ kind: 'waiting', pid }),
    );
    try {
      const missing = names.filter((name) => !(paths[name] ??= find(name, settings)));
      if (missing.length > 0) {
        for (const tool of missing) {
          const lines = removeBroken(tool, settings.toolsFolder, settings.releases[tool]);
          for (const message of lines) onProgress({ kind: 'note', tool, message });
        }
        Object.assign(paths, await loadProvideTools()(missing, onProgress, settings));
      }
    } finally {
      lock.release();
    }
  }
  return paths as Record<ToolName, string>;
}

/**
 * Most runs find everything, and the HTTP client alone takes longer to load than that. Not `import()`: with `tsx/cjs` it does
 * not find TypeScript. The name must stay literal: a precompiled entry point contains only what its compiler sees.
 */
function loadProvideTools(): typeof provideTools {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require('./provideTools') as { provideTools: typeof provideTools }).provideTools;
}
