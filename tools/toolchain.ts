import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { buildTool } from './buildTool';
import { cacheFolder } from './cacheFolder';
import { cachedPath, findTool } from './findTool';
import { tools, type ToolName } from './manifest';
import { waitForLock } from './processLock';
import { inLanes } from './lanes';
import type { ToolProgress } from './toolProgress';

export { isDownloaded, moduleDir } from './sourceModule';
export { ToolError } from './toolError';
export { sourceModules, tools, type ToolName } from './manifest';
export { inLines, type ToolProgress, type ToolSource } from './toolProgress';

/** Tools of one lane are built sequentially, so that the packages they share are compiled once. */
const laneOf = (name: ToolName): string =>
  tools[name].module === 'modules/kubernetes' ? 'kubernetes' : /-controller$/.test(name) ? 'flux' : name;

/** Whether a tool is already on PATH or in the cache, so that it needs no Go. */
export function isBuilt(name: ToolName): boolean {
  return findTool(name, __dirname) !== undefined;
}

/**
 * Finds or builds every named tool and returns the absolute path of each binary.
 * Finished tools stay in the cache, so the next run resumes where an interrupted one stopped; two runs wait for each other.
 * @throws ToolError with a fix if Go is missing or a build fails
 */
export async function ensureTools(
  names: readonly ToolName[],
  onProgress: (progress: ToolProgress) => void,
  toolsFolder: string = __dirname,
): Promise<Record<ToolName, string>> {
  const found = (name: ToolName): string | undefined => findTool(name, toolsFolder);
  const paths = Object.fromEntries(names.map((name) => [name, found(name)])) as Record<ToolName, string | undefined>;
  if (names.some((name) => !paths[name])) {
    const cache = cacheFolder();
    mkdirSync(cache, { recursive: true });
    const lock = await waitForLock(join(cache, 'build.lock'), (pid) => onProgress({ kind: 'waiting', pid }));
    try {
      const missing = names.filter((name) => !(paths[name] ??= found(name)));
      onProgress({ kind: 'missing', tools: missing });
      let done = 0;
      const total = missing.length;
      await inLanes(missing, laneOf, 2, async (tool) => {
        onProgress({ kind: 'tool', tool, phase: 'build', source: 'built', done, total });
        const target = cachedPath(tool, toolsFolder);
        await buildTool(tools[tool], target, toolsFolder, join(cache, 'tools', 'scratch'));
        paths[tool] = target;
        onProgress({ kind: 'tool', tool, phase: 'done', source: 'built', done: ++done, total });
      });
    } finally {
      lock.release();
    }
  }
  return paths as Record<ToolName, string>;
}
