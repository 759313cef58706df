import type { View } from './steps';

/** Where a display is written; `process.stderr` is one. Columns and rows are those of a terminal. */
export interface DisplayStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  hasColors?(): boolean;
}

/** Turns changes of a view into output. */
export interface Renderer {
  /** The view changed from `before` to `after`. */
  change(before: View, after: View): void;
  /** A line for logs only. */
  note(line: string): void;
  /** Prints a line that stays. */
  log(line: string): void;
  /** Called several times a second. */
  tick(view: View): void;
  /** Nothing follows: leaves only lines that stay. */
  end(): void;
}
