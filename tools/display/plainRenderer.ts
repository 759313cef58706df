import type { Estimates } from './estimates';
import { changeLines, heartbeatLines, heartbeatMilliseconds } from './plainLines';
import type { Renderer } from './renderer';
import { oneLine } from './text';

/** Prints lines with the seconds since the start: for pipes, files and CI. */
export function plainRenderer(
  print: (line: string) => void,
  startedAt: number,
  estimates: Estimates,
  now: () => number,
): Renderer {
  let printedAt = startedAt;
  const log = (line: string): void => {
    printedAt = now();
    print(`${((printedAt - startedAt) / 1000).toFixed(0).padStart(4)}s  ${line}`);
  };
  return {
    change: (before, after) => changeLines(before, after, estimates, now()).forEach(log),
    note: log,
    log,
    tick(view) {
      if (now() - printedAt >= heartbeatMilliseconds) heartbeatLines(view, estimates, now()).map(oneLine).forEach(log);
    },
    end: () => undefined,
  };
}
