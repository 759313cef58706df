import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** Something that exports metrics. */
export interface Exporter {
  /** The jobs that scrape it; absent for what every target has. */
  readonly jobs?: readonly string[];
  /** Where its source defines the names: `go:<module>`, or an address for people. */
  readonly source: string;
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

/**
 * Whether source text defines a metric: sources have its name without the first parts, which are namespace and subsystem, and
 * without what histograms and counters add.
 */
export function defines(text: string, metric: string): boolean {
  const parts = metric.replace(/_(bucket|sum|count)$/, '').split('_');
  return parts.some(
    (_, index) => index < parts.length - 1 && new RegExp(`["\`]_?${parts.slice(index).join('_')}["\`{]`).test(text),
  );
}
