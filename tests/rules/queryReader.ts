import { spawnSync } from 'node:child_process';
import { ensureTools, inLines } from '../../tools/toolchain';

/** A query, and the language that it is written in. */
export interface Query {
  readonly language: 'metricsql' | 'logsql';
  readonly text: string;
}

/** A condition on a label. */
export interface Filter {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** What tools/query-reader says about a query. */
export interface Answer {
  /** Why it does not parse. */
  readonly error?: string;
  /** The metrics that it selects; without a name if the selector has none, or a regular expression for it. */
  readonly selectors: readonly { readonly name: string; readonly filters: readonly Filter[] }[];
  /** The parts of the query that lose the label `cluster`. */
  readonly losses: readonly string[];
}

/** Reads queries with the parsers of VictoriaMetrics and VictoriaLogs; the answers are in the same order. */
export async function readQueries(queries: readonly Query[]): Promise<Answer[]> {
  const { 'query-reader': reader } = await ensureTools(
    ['query-reader'],
    inLines(() => undefined),
  );
  const { status, stdout, stderr } = spawnSync(reader, { input: JSON.stringify(queries), encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Answer[];
}
