import type { Screen } from '../preflight/progress';
import type { DriftProgress } from './runDrift';

/** On a terminal, redraws one line; elsewhere, prints a line for each layer that has finished. `close` clears the line. */
export function showDriftProgress(screen: Screen): DriftProgress & { close(): void } {
  const waiting = new Set<string>();
  let found = 0;
  const redraw = (): void => {
    if (!screen.isTTY) return;
    const text = `${found} findings; comparing: ${[...waiting].join(', ')}`;
    screen.write(`\r\x1b[K${text.slice(0, (screen.columns ?? 80) - 1)}`);
  };
  return {
    started(stack, layer) {
      waiting.add(`${stack} ${layer}`);
      redraw();
    },
    finished(stack, layer, { drift, couldNotTell }) {
      waiting.delete(`${stack} ${layer}`);
      found += drift.length + couldNotTell.length;
      if (screen.isTTY) return redraw();
      screen.write(`drift: ${stack}: ${layer}: ${drift.length} drifted, ${couldNotTell.length} could not be told\n`);
    },
    note(stack, text) {
      screen.write(`${screen.isTTY ? '\r\x1b[K' : ''}drift: ${stack}: ${text}\n`);
      redraw();
    },
    close() {
      found = 0;
      if (screen.isTTY) screen.write('\r\x1b[K');
    },
  };
}
