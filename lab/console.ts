/** Output for people. Always on stderr, so that stdout contains results only. */
export interface LabConsole {
  /** Prints one line of progress with the seconds since the command started. */
  progress: (line: string) => void;
}

/** A console that prints to stderr. */
export function createConsole(): LabConsole {
  const startedAt = Date.now();
  return {
    progress(line) {
      const seconds = ((Date.now() - startedAt) / 1000).toFixed(0).padStart(4);
      process.stderr.write(`${seconds}s  ${line}\n`);
    },
  };
}
