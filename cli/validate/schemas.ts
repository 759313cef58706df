import { createHash } from 'node:crypto';
import { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, makeCacheFolder } from '../../tools/cacheFolder';
import { waitForLock } from '../../tools/processLock';
import { type SchemaSource, schemaFiles, schemaPins, schemaSources } from '../../tools/schemaSources';
import { withAddedValues } from './addedValues';
import { ValidateError } from './options';
import { runRenderer } from './runRenderer';
import { isWhole, recordSizes } from './wholeFolder';

/** A set of schemas that has not been used for this long is deleted. */
const keptDays = 14;

/** The renderer's response to a `schemas` request. */
interface SchemasResponse {
  problems: { what: string }[];
}

/**
 * The folder with the schemas for this renderer and these sources; the first process that needs it builds it.
 * @param build false: a missing folder is an error
 * @throws ToolError if a module is not available
 * @throws ValidateError if the renderer cannot build schemas from it, or it is missing and must not be built
 */
export async function ensureSchemas(
  renderer: string,
  onProgress: (line: string) => void = () => undefined,
  sources: readonly SchemaSource[] = schemaSources,
  build = true,
): Promise<string> {
  const all = join(cacheFolder(), 'schemas');
  const folder = schemaFolder(renderer, sources);
  if (isUsable(folder)) return markUsed(folder);
  if (!build) throw new ValidateError('the schemas are not built; `npm run validate` builds them');
  makeCacheFolder('schemas');
  const lock = await waitForLock(join(all, 'lock'), (pid) =>
    onProgress(`schemas: another run (process ${pid}) is building them; waiting for it`),
  );
  try {
    if (isUsable(folder)) return markUsed(folder);
    if (existsSync(folder)) {
      onProgress(`schemas: ${folder} is incomplete; deleting it`);
      rmSync(folder, { recursive: true, force: true });
    }
    onProgress('schemas: building them from pinned modules, once for these versions');
    const unfinished = `${folder}.${process.pid}`;
    const scratch = `${folder}.${process.pid}.crds`;
    rmSync(unfinished, { recursive: true, force: true });
    try {
      const { openapi, sources: rows } = await schemaFiles(sources);
      const crds = rows.map(({ row, name, groups, files }) => ({
        name,
        groups,
        files: withAddedValues(row, files, scratch),
      }));
      const request = { mode: 'schemas', openapi, sources: crds, out: unfinished };
      const { problems } = await runRenderer<SchemasResponse>(renderer, request, onProgress);
      if (problems.length > 0) {
        throw new ValidateError(
          `tools/schemaSources.ts: correct the row, or the module's path:\n${problems.map(({ what }) => `  ${what}`).join('\n')}`,
        );
      }
      recordSizes(unfinished);
      renameSync(unfinished, folder);
    } finally {
      rmSync(unfinished, { recursive: true, force: true });
      rmSync(scratch, { recursive: true, force: true });
    }
    deleteUnused(all);
    return folder;
  } finally {
    lock.release();
  }
}

/** The folder of these schemas if an earlier run built them: for what does without them otherwise. */
export function builtSchemas(renderer: string, sources: readonly SchemaSource[] = schemaSources): string | undefined {
  const folder = schemaFolder(renderer, sources);
  return isUsable(folder) ? folder : undefined;
}

function schemaFolder(renderer: string, sources: readonly SchemaSource[]): string {
  const { size, mtimeMs } = statSync(renderer);
  const key = createHash('sha256').update(JSON.stringify([renderer, size, mtimeMs, schemaPins(sources)]));
  return join(cacheFolder(), 'schemas', key.digest('hex').slice(0, 16));
}

function isUsable(folder: string): boolean {
  return existsSync(folder) && isWhole(folder);
}

function markUsed(folder: string): string {
  const now = new Date();
  utimesSync(folder, now, now);
  return folder;
}

function deleteUnused(all: string): void {
  const oldest = Date.now() - keptDays * 24 * 60 * 60 * 1000;
  for (const entry of readdirSync(all, { withFileTypes: true })) {
    const path = join(all, entry.name);
    if (entry.isDirectory() && statSync(path).mtimeMs < oldest) rmSync(path, { recursive: true, force: true });
  }
}
