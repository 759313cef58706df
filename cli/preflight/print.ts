import type { CheckResult } from './checkResult';

/** Results of all checks of a stack; what `npm run preflight -- --json` prints. */
export interface PreflightResult {
  stack: string;
  /** Whether no check failed. */
  ok: boolean;
  results: CheckResult[];
}

const marks = { ok: 'ok', warning: 'WARNING', failed: 'FAILED', skipped: 'skipped' } as const;
const indent = ' '.repeat(9);

/** The results as a table for a terminal: a line per check, the fix of a failed one or of a warning below it, and a summary. */
export function table({ stack, results }: PreflightResult): string {
  const width = Math.max(...results.map(({ what }) => what.length));
  const rows = results.flatMap(({ state, what, why, fix }) => {
    const [first = '', ...more] = why.split('\n');
    return [
      `${marks[state].padEnd(indent.length)}${what.padEnd(width)}  ${first}`.trimEnd(),
      ...more.map((text) => `${indent}${text}`),
      ...(fix === '' ? [] : [`${indent}fix: ${fix}`]),
    ];
  });
  const count = (state: CheckResult['state']): number => results.filter((result) => result.state === state).length;
  const warnings =
    count('warning') === 0 ? '' : `, ${count('warning')} ${count('warning') === 1 ? 'warning' : 'warnings'}`;
  const summary = `preflight of ${stack}: ${count('ok')} ok${warnings}, ${count('failed')} failed, ${count('skipped')} skipped`;
  return [...rows, '', summary].join('\n');
}
