import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../tools/cacheFolder';
import { waitForLock } from '../../tools/processLock';
import { type SchemaSource, schemaFiles, schemaPins, schemaSources } from '../../tools/schemaSources';
import { withAdded } from './addedValues';
import { CannotTell } from './options';
import { runRenderer } from './runRenderer';

/** A set of schemas that nobody asked for this long may go. */
const keptDays = 14;

/** What the renderer says of the schemas that it made. */
interface SchemasAnswer {
  problems: { what: string }[];
}

/**
 * The folder of schemas for this renderer and these sources; made once, by one process.
 * @throws ToolError when a module cannot be had
 * @throws CannotTell when the renderer cannot make schemas of it
 */
export async function ensureSchemas(
  renderer: string,
  onProgress: (line: string) => void = () => undefined,
  sources: readonly SchemaSource[] = schemaSources,
): Promise<string> {
  const { size, mtimeMs } = statSync(renderer);
  const key = createHash('sha256').update(JSON.stringify([renderer, size, mtimeMs, schemaPins(sources)]));
  const all = join(cacheFolder(), 'schemas');
  const folder = join(all, key.digest('hex').slice(0, 16));
  if (existsSync(folder)) return used(folder);
  mkdirSync(all, { recursive: true });
  const lock = await waitForLock(join(all, 'lock'), (pid) =>
    onProgress(`schemas: another run (process ${pid}) is making them; waiting for it`),
  );
  try {
    if (existsSync(folder)) return used(folder);
    onProgress('schemas: making them from pinned modules, once for these versions');
    const unfinished = `${folder}.${process.pid}`;
    const scratch = `${folder}.${process.pid}.crds`;
    rmSync(unfinished, { recursive: true, force: true });
    try {
      const { openapi, sources: rows } = await schemaFiles(sources);
      const withAll = rows.map(({ row, name, groups, files }) => ({
        name,
        groups,
        files: withAdded(row, files, scratch),
      }));
      const request = { mode: 'schemas', openapi, sources: withAll, out: unfinished };
      const { problems } = await runRenderer<SchemasAnswer>(renderer, request, onProgress);
      if (problems.length > 0) {
        throw new CannotTell(
          `tools/schemaSources.ts: correct the row, or the module's path:\n${problems.map(({ what }) => `  ${what}`).join('\n')}`,
        );
      }
      renameSync(unfinished, folder);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
      rmSync(scratch, { recursive: true, force: true });
    }
    dropUnused(all);
    return folder;
  } finally {
    lock.release();
  }
}

function used(folder: string): string {
  const now = new Date();
  utimesSync(folder, now, now);
  return folder;
}

function dropUnused(all: string): void {
  const before = Date.now() - keptDays * 24 * 60 * 60 * 1000;
  for (const entry of readdirSync(all, { withFileTypes: true })) {
    const path = join(all, entry.name);
    if (entry.isDirectory() && statSync(path).mtimeMs < before) rmSync(path, { recursive: true, force: true });
  }
}
