import type { Line } from './checkResult';

/** What preflight found out about a stack. */
export interface PreflightResult {
  stack: string;
  /** Whether nothing is red. */
  ok: boolean;
  lines: Line[];
}

const marks = { ok: 'ok', failed: 'FAILED', skipped: 'skipped' } as const;
const indent = ' '.repeat(9);

/** The table for people: one line for what was asked, one more for what to do; then the sum. */
export function table({ stack, lines }: PreflightResult): string {
  const width = Math.max(...lines.map(({ what }) => what.length));
  const rows = lines.flatMap(({ state, what, why, fix }) => {
    const [first = '', ...more] = why.split('\n');
    return [
      `${marks[state].padEnd(indent.length)}${what.padEnd(width)}  ${first}`.trimEnd(),
      ...more.map((text) => `${indent}${text}`),
      ...(fix === '' ? [] : [`${indent}what to do: ${fix}`]),
    ];
  });
  const count = (state: Line['state']): number => lines.filter((line) => line.state === state).length;
  const sum = `preflight of ${stack}: ${count('ok')} ok, ${count('failed')} failed, ${count('skipped')} skipped`;
  return [...rows, '', sum].join('\n');
}
