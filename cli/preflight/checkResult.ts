/** One thing that preflight asked, and what came of it. */
export interface Line {
  /** Stays the same from run to run: `node:<name>`, `item:<title>`, … */
  id: string;
  /** What was asked, for people. */
  what: string;
  /** `skipped`: it could not be asked, because of what another line says. */
  state: 'ok' | 'failed' | 'skipped';
  /** What was found, or why it was not asked; never a secret. */
  why: string;
  /** What to do, as an imperative clause; empty unless it failed. */
  fix: string;
}

type Asked = Pick<Line, 'id' | 'what'>;

/** A line that is as it should be. */
export function ok({ id, what }: Asked, why: string): Line {
  return { id, what, state: 'ok', why, fix: '' };
}

/** A line that is not as it should be, and what to do. */
export function failed({ id, what }: Asked, why: string, fix: string): Line {
  return { id, what, state: 'failed', why, fix };
}

/** A line that could not be asked. */
export function skipped({ id, what }: Asked, why: string): Line {
  return { id, what, state: 'skipped', why, fix: '' };
}

/** What is wrong with one thing, and what to do about it. */
export interface Fault {
  why: string;
  fix: string;
}

/** One line for all that is wrong with a thing; `fine` says what was found if nothing is. */
export function judged(asked: Asked, faults: readonly Fault[], fine: string): Line {
  if (faults.length === 0) return ok(asked, fine);
  const once = (texts: string[]): string => [...new Set(texts)].join('; ');
  return failed(asked, once(faults.map(({ why }) => why)), once(faults.map(({ fix }) => fix)));
}

/** An error as a line: our own of one line end with what to do, after a semicolon. */
export function failedBy(asked: Asked, error: unknown, otherwise: string): Line {
  const message = (error instanceof Error ? error.message : String(error)).trim();
  const [, why, fix] = /^(.*); ([^;]+)$/.exec(message) ?? [];
  return failed(asked, why ?? message, fix ?? otherwise);
}
