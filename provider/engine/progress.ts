/** Where one resource operation says how far it is. */
export interface Progress {
  /** What is happening now; shown beside the resource and replaced by the next. */
  status(text: string): void;
  /** A line that stays. */
  info(text: string): void;
  /** A line that stays and stands out. */
  warn(text: string): void;
}

/** Sends one line to whoever shows it; never throws. */
export type LineSink = (line: { severity: 'info' | 'warning'; text: string; ephemeral: boolean }) => void;

/** A Progress that drops repetitions, so that a poll may report each time round. */
export function makeProgress(sink: LineSink): Progress {
  let shown = '';
  let said = '';
  return {
    status(text) {
      if (text === shown) return;
      shown = text;
      sink({ severity: 'info', text, ephemeral: true });
    },
    info(text) {
      if (text === said) return;
      said = text;
      sink({ severity: 'info', text, ephemeral: false });
    },
    warn(text) {
      sink({ severity: 'warning', text, ephemeral: false });
    },
  };
}
