import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inBuildOrder } from './buildOrder';
import { buildTool } from './buildTool';
import { cacheFolder } from './cacheFolder';
import { downloadTools, reachableTools, unreachableLine, type DownloadEvents } from './download/downloadTools';
import { Http } from './download/http';
import { cachedPath } from './findTool';
import { tools, type ToolName } from './manifest';
import { ToolError } from './toolError';
import type { ToolOptions } from './toolOptions';
import type { ToolProgress } from './toolProgress';

/**
 * Downloads what publishers offer and, meanwhile, builds the rest; then builds what could not be downloaded. After the first
 * failure, downloads stop, running builds end, nothing further starts, and the failure is thrown.
 */
export async function provideTools(
  missing: readonly ToolName[],
  onProgress: (progress: ToolProgress) => void,
  { mode, toolsFolder, releases, http: httpOptions }: Required<ToolOptions>,
): Promise<Partial<Record<ToolName, string>>> {
  onProgress({ kind: 'missing', tools: missing });
  const scratch = join(cacheFolder(), 'tools', 'scratch');
  removeLeftovers(scratch);
  const paths: Partial<Record<ToolName, string>> = {};
  const total = missing.length;
  let done = 0;
  const stop = new AbortController();
  const buildAll = (names: readonly ToolName[]): Promise<void> =>
    inBuildOrder(names, async (tool) => {
      if (stop.signal.aborted) return;
      onProgress({ kind: 'tool', tool, phase: 'build', source: 'built', done, total });
      const target = cachedPath(tool, toolsFolder);
      await buildTool(tools[tool], target, toolsFolder, scratch);
      paths[tool] = target;
      onProgress({ kind: 'tool', tool, phase: 'done', source: 'built', done: ++done, total });
    });
  const events: DownloadEvents = {
    onBytes: (tool, doneBytes, totalBytes) =>
      onProgress({ kind: 'tool', tool, phase: 'download', source: 'downloaded', doneBytes, totalBytes, done, total }),
    onDone: (tool, path) => {
      paths[tool] = path;
      onProgress({ kind: 'tool', tool, phase: 'done', source: 'downloaded', done: ++done, total });
    },
    onNote: (message, tool) => onProgress({ kind: 'note', tool, message }),
  };

  const offered = mode === 'build' ? [] : missing.filter((name) => releases[name] !== undefined);
  const http = new Http(httpOptions);
  try {
    const { reachable, unreachable } = await reachableTools(http, offered, releases);
    if (unreachable.length > 0) events.onNote(unreachableLine(unreachable));
    if (mode === 'download') mustDownload(offered.filter((name) => !reachable.includes(name)));
    const [, notDownloaded] = await allOrStop(
      [
        buildAll(missing.filter((name) => !reachable.includes(name))),
        downloadTools(http, reachable, releases, scratch, events, stop.signal),
      ],
      stop,
    );
    if (mode === 'download') mustDownload(notDownloaded);
    await buildAll(notDownloaded);
  } finally {
    await http.close();
  }
  return paths;
}

/** Removes what killed runs left, except downloads that can continue. Callers hold the lock, so no one uses it. */
function removeLeftovers(scratch: string): void {
  if (!existsSync(scratch)) return;
  for (const name of readdirSync(scratch)) {
    if (!/\.partial(\.json)?$/.test(name)) rmSync(join(scratch, name), { recursive: true, force: true });
  }
}

/** @throws ToolError if there is a tool that could not be downloaded */
function mustDownload(notDownloaded: readonly ToolName[]): void {
  if (notDownloaded.length === 0) return;
  throw new ToolError(
    `tools: ${notDownloaded.join(', ')} could not be downloaded, and \`--tools download\` does not build.\n` +
      '  Fix: see the reasons above, or run without --tools: it builds what cannot be downloaded.',
  );
}

/** Waits for all; after the first failure, stops the others, waits for them too, and throws it. */
async function allOrStop<T extends unknown[]>(
  work: { [K in keyof T]: Promise<T[K]> },
  stop: AbortController,
): Promise<T> {
  const watched = work.map((promise) =>
    promise.catch((error: unknown) => {
      stop.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(watched);
  if (stop.signal.aborted) throw stop.signal.reason;
  return await Promise.all(work);
}
