import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { listedVersions } from '../../tools/align/goMod';
import { goEnvironment } from '../../tools/cacheFolder';
import { isDownloaded, moduleDir } from '../../tools/toolchain';

/** Something that exports metrics. */
export interface Exporter {
  /** The jobs that scrape it; absent for what every target has. */
  readonly jobs?: readonly string[];
  /** Where its source defines the names: `go:<module>`, or an address for people. */
  readonly source: string;
  /** The folder in tools/ whose go.mod pins the module; absent if tools/manifest.ts does. */
  readonly with?: string;
  /** The files of the module that define them. */
  readonly files?: readonly string[];
  readonly names: readonly string[];
}

/** The table of exporters: `tests/rules/exporters.yaml`. */
export const exporters = parse(readFileSync(join(__dirname, 'exporters.yaml'), 'utf8')) as Record<string, Exporter>;

/** The module of an exporter whose names a machine can look up. */
export function moduleOf({ source }: Exporter): string | undefined {
  return source.startsWith('go:') ? source.slice('go:'.length) : undefined;
}

/** The source text of an exporter; undefined if no machine can look it up, or it is not in the cache. */
export async function sourceOf(exporter: Exporter): Promise<string | undefined> {
  const module = moduleOf(exporter);
  if (module === undefined) return undefined;
  const folder = exporter.with === undefined ? await pinnedFolder(module) : toolFolder(module, exporter.with);
  if (folder === undefined) return undefined;
  return (exporter.files ?? []).map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
}

const pinnedFolder = async (module: string): Promise<string | undefined> =>
  isDownloaded(module) ? moduleDir(module) : undefined;

/** The folder in Go's cache of a module that a tool is built from. */
function toolFolder(module: string, tool: string): string | undefined {
  const goMod = readFileSync(join(__dirname, '..', '..', 'tools', tool, 'go.mod'), 'utf8');
  const version = listedVersions(goMod).get(module);
  if (version === undefined) throw new Error(`tools/${tool}/go.mod: no ${module}`);
  const escaped = module.replace(/[A-Z]/g, (capital) => `!${capital.toLowerCase()}`);
  const folder = join(goEnvironment().GOMODCACHE ?? '', `${escaped}@${version}`);
  return existsSync(folder) ? folder : undefined;
}

/**
 * Whether source text defines a metric: sources have its name without the first parts, which are namespace and subsystem, and
 * without what histograms and counters add.
 */
export function defines(text: string, metric: string): boolean {
  const endings = [metric, metric.replace(/_(bucket|sum|count)$/, '')].flatMap((name) => {
    const parts = name.split('_');
    return parts.map((_, index) => parts.slice(index).join('_'));
  });
  const units = /^(total|bytes|seconds|count|info|ratio)$/;
  return endings.some((ending) => !units.test(ending) && new RegExp(`["\`]_?${ending}["\`{]`).test(text));
}
