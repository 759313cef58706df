import { cpus, totalmem } from 'node:os';

/** One measured number and what it should be. */
export interface Figure {
  name: string;
  value: number;
  /** For example `s`, `MiB`, or empty for a ratio. */
  unit: string;
  /** The highest value that is good enough; absent for a number that only informs. */
  target?: number;
}

/** What a benchmark returns: figures, and whatever else explains them. */
export interface BenchResult {
  figures: readonly Figure[];
  [detail: string]: unknown;
}

/** A benchmark: its arguments are those after its name. Progress goes to stderr, nothing to stdout. */
export type Benchmark = (args: readonly string[]) => Promise<BenchResult>;

/** Whether a figure meets its target; undefined if it has none. */
export function isMet({ value, target }: Figure): boolean | undefined {
  return target === undefined ? undefined : value <= target;
}

/** The machine that figures are from. */
export function machineInfo(): Record<string, unknown> {
  const [cpu] = cpus();
  return {
    cpus: cpus().length,
    cpu: cpu?.model.trim(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: process.platform,
  };
}

/** A table for a terminal: one line per figure, with its target and whether it is met. */
export function figureTable(figures: readonly (Figure & { benchmark: string })[]): string {
  const rows = figures.map((figure) => [
    `${figure.benchmark}: ${figure.name}`,
    `${figure.value}${figure.unit && ` ${figure.unit}`}`,
    figure.target === undefined ? '' : `≤ ${figure.target}`,
    { true: 'met', false: 'NOT MET', undefined: '' }[String(isMet(figure)) as 'true' | 'false' | 'undefined'],
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map(([name = '', value = '', target = '', met = '']) =>
      `${name.padEnd(widths[0] ?? 0)}  ${value.padStart(widths[1] ?? 0)}  ${target.padEnd(widths[2] ?? 0)}  ${met}`.trimEnd(),
    )
    .join('\n');
}
