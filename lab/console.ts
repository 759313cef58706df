/** What the lab's commands tell people: always on stderr, so that stdout holds results alone. */
export interface LabConsole {
  /** One line of progress, with the seconds since the command began. */
  progress: (line: string) => void;
}

/** Progress on stderr. */
export function createConsole(): LabConsole {
  const began = Date.now();
  return {
    progress(line) {
      const seconds = ((Date.now() - began) / 1000).toFixed(0).padStart(4);
      process.stderr.write(`${seconds}s  ${line}\n`);
    },
  };
}
