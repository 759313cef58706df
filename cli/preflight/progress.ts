import type { CheckResult } from './checkResult';

/** Reports the progress of preflight. */
export interface PreflightProgress {
  /** A group of checks has started. */
  started(name: string): void;
  /** A group of checks has finished with these results. */
  finished(name: string, results: readonly CheckResult[]): void;
  /** Preflight waits for something else, such as a tool that is being built. */
  note(text: string): void;
  /** Clears the progress line. */
  close(): void;
}

/** Where progress goes: stderr, so that stdout contains only the result. */
export type Screen = Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean; columns?: number };

/** On a terminal, redraws one line; elsewhere, prints a line for each group that has finished. */
export function showProgress(screen: Screen): PreflightProgress {
  const waiting = new Set<string>();
  let checkCount = 0;
  let failureCount = 0;
  const redraw = (): void => {
    if (!screen.isTTY) return;
    const text = `${checkCount} checked, ${failureCount} failed; waiting for: ${[...waiting].join(', ')}`;
    screen.write(`\r\x1b[K${text.slice(0, (screen.columns ?? 80) - 1)}`);
  };
  return {
    started(name) {
      waiting.add(name);
      redraw();
    },
    finished(name, results) {
      waiting.delete(name);
      const count = (state: CheckResult['state']): number => results.filter((result) => result.state === state).length;
      checkCount += results.length;
      failureCount += count('failed');
      if (screen.isTTY) return redraw();
      const counts = (['ok', 'warning', 'failed', 'skipped'] as const)
        .filter(count)
        .map((state) => `${count(state)} ${state}`);
      screen.write(`preflight: ${name}: ${counts.join(', ')}\n`);
    },
    note(text) {
      screen.write(`${screen.isTTY ? '\r\x1b[K' : ''}preflight: ${text}\n`);
      redraw();
    },
    close() {
      if (screen.isTTY) screen.write('\r\x1b[K');
    },
  };
}
