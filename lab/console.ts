import { startDisplay, type Display } from '../tools/display/display';

/** Output for people. Always on stderr, so that stdout contains results only. */
export interface LabConsole {
  /** Prints one line of progress with the seconds since the command started; during a display, above it. */
  progress: (line: string) => void;
  /** Displays the steps of a long command until the returned display ends. `estimates` names the kind of run. */
  show: (title: string, estimates: string) => Display;
}

/** A console that prints to stderr. */
export function createConsole(): LabConsole {
  const startedAt = Date.now();
  let display: Display | undefined;
  return {
    progress(line) {
      if (display !== undefined) return display.log(line);
      const seconds = ((Date.now() - startedAt) / 1000).toFixed(0).padStart(4);
      process.stderr.write(`${seconds}s  ${line}\n`);
    },
    show(title, estimates) {
      display = startDisplay({ title, estimates, stream: process.stderr, startedAt });
      return display;
    },
  };
}
