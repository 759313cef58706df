import { labTools, sourceModules, upgradeTools, type ToolName } from '../../tools/manifest';
import { ensureTools, moduleDir, type ToolMode } from '../../tools/toolchain';
import { showTools, toolsStep } from '../../tools/toolSteps';
import type { StepDisplay } from './stackSteps';

/** The lab's tools and module folders; all exist. */
export interface PreparedTools {
  tools: Record<string, string>;
  moduleDir: (modulePath: string) => string;
}

/**
 * Finds, downloads or builds everything the lab runs, before it starts any of it, and with `upgrades` the release of Kubernetes
 * that it can upgrade its clusters to. An interruption does not wait for a running
 * build: it ends with this process, and the next run resumes.
 */
export async function prepareTools(
  { tools: mode, upgrades = false }: { tools?: ToolMode; upgrades?: boolean },
  display: StepDisplay,
  signal: AbortSignal,
): Promise<PreparedTools> {
  return Promise.race([
    prepare(mode, upgrades ? [...labTools, ...upgradeTools] : labTools, display),
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new Error('interrupted')), { once: true });
    }),
  ]);
}

async function prepare(
  mode: ToolMode | undefined,
  names: readonly ToolName[],
  { step, progress }: StepDisplay,
): Promise<PreparedTools> {
  step({ id: toolsStep, state: 'running' });
  const binaries = await ensureTools(names, showTools({ step, log: progress }), { mode });
  const entries = await Promise.all(
    Object.keys(sourceModules).map(async (name) => [name, await moduleDir(name)] as const),
  );
  step({ id: toolsStep, state: 'done', detail: `${names.length} tools, ${entries.length} Go modules` });
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
