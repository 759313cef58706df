import type { Line } from './checkResult';

/** Tells people how far preflight is. */
export interface PreflightProgress {
  /** Checks of that name have begun. */
  begun(name: string): void;
  /** They have ended, with these lines. */
  ended(name: string, lines: readonly Line[]): void;
  /** Something else is being waited for, such as a tool that is built. */
  note(text: string): void;
  /** Leaves a clean screen. */
  close(): void;
}

/** Where progress goes: stderr, so that stdout holds the result alone. */
export type Screen = Pick<NodeJS.WriteStream, 'write'> & { isTTY?: boolean; columns?: number };

/** On a terminal one line that changes; elsewhere a line for each group of checks that has ended. */
export function showProgress(screen: Screen): PreflightProgress {
  const waiting = new Set<string>();
  let asked = 0;
  let faults = 0;
  const redraw = (): void => {
    if (!screen.isTTY) return;
    const text = `${asked} asked, ${faults} failed; waiting for: ${[...waiting].join(', ')}`;
    screen.write(`\r\x1b[K${text.slice(0, (screen.columns ?? 80) - 1)}`);
  };
  return {
    begun(name) {
      waiting.add(name);
      redraw();
    },
    ended(name, lines) {
      waiting.delete(name);
      const failed = lines.filter(({ state }) => state === 'failed').length;
      asked += lines.length;
      faults += failed;
      if (screen.isTTY) return redraw();
      const count = (state: Line['state']): number => lines.filter((line) => line.state === state).length;
      const counts = (['ok', 'failed', 'skipped'] as const).filter(count).map((state) => `${count(state)} ${state}`);
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
