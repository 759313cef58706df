import { labTools, sourceModules } from '../../tools/manifest';
import { ensureTools, inLines, moduleDir, type ToolMode } from '../../tools/toolchain';

/** The lab's tools and module folders; all exist. */
export interface PreparedTools {
  tools: Record<string, string>;
  moduleDir: (modulePath: string) => string;
}

/**
 * Finds, downloads or builds everything the lab runs, before it starts any of it. An interruption does not wait for a running
 * build: it ends with this process, and the next run resumes.
 */
export async function prepareTools(
  mode: ToolMode | undefined,
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<PreparedTools> {
  return Promise.race([
    prepare(mode, progress),
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('interrupted')), { once: true });
    }),
  ]);
}

async function prepare(mode: ToolMode | undefined, progress: (line: string) => void): Promise<PreparedTools> {
  const binaries = await ensureTools(labTools, inLines(progress), { mode });
  const entries = await Promise.all(
    Object.keys(sourceModules).map(async (name) => [name, await moduleDir(name)] as const),
  );
  const folders = new Map(entries);
  return {
    tools: binaries,
    moduleDir(modulePath) {
      const folder = folders.get(modulePath);
      if (folder === undefined) {
        throw new Error(`lab: the Go module ${modulePath} is not pinned; add it to sourceModules in tools/manifest.ts`);
      }
      return folder;
    },
  };
}
