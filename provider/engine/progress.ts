/** Reports the progress of one resource operation. */
export interface Progress {
  /** The current step; shown next to the resource until the next line replaces it. */
  status(text: string): void;
  /** A line that remains in the output. */
  info(text: string): void;
  /** A warning that remains in the output. */
  warn(text: string): void;
}

/** Displays one line; never throws. */
export type LineSink = (line: { severity: 'info' | 'warning'; text: string; ephemeral: boolean }) => void;

/** A Progress that drops repeated lines, so that a polling loop can report on every iteration. */
export function makeProgress(sink: LineSink): Progress {
  let lastStatus = '';
  let lastInfo = '';
  return {
    status(text) {
      if (text === lastStatus) return;
      lastStatus = text;
      sink({ severity: 'info', text, ephemeral: true });
    },
    info(text) {
      if (text === lastInfo) return;
      lastInfo = text;
      sink({ severity: 'info', text, ephemeral: false });
    },
    warn(text) {
      sink({ severity: 'warning', text, ephemeral: false });
    },
  };
}
