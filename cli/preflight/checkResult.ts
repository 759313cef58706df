/** Result of one check. */
export interface CheckResult {
  /** Stable between runs: `node:<name>`, `item:<title>`, … */
  id: string;
  /** What was checked, for a person. */
  what: string;
  /** `warning`: passed, but `fix` is due soon. `skipped`: not checked because another check failed. */
  state: 'ok' | 'warning' | 'failed' | 'skipped';
  /** What was found, or why it was skipped; never contains a secret. */
  why: string;
  /** How to fix it, as an imperative clause; empty unless `failed` or `warning`. */
  fix: string;
}

/** The identity of a check. */
export type Check = Pick<CheckResult, 'id' | 'what'>;

/** A passed check; `why` is what was found. */
export function ok({ id, what }: Check, why: string): CheckResult {
  return { id, what, state: 'ok', why, fix: '' };
}

/** A passed check, and what to do soon. */
export function warning({ id, what }: Check, why: string, fix: string): CheckResult {
  return { id, what, state: 'warning', why, fix };
}

/** A failed check and how to fix it. */
export function failed({ id, what }: Check, why: string, fix: string): CheckResult {
  return { id, what, state: 'failed', why, fix };
}

/** A check that could not run. */
export function skipped({ id, what }: Check, why: string): CheckResult {
  return { id, what, state: 'skipped', why, fix: '' };
}

/** One reason why a check failed, and how to fix it. */
export interface Failure {
  why: string;
  fix: string;
}

/** Combines all failures of a check into one result; `found` is the reason if there are none. */
export function resultOf(check: Check, failures: readonly Failure[], found: string): CheckResult {
  if (failures.length === 0) return ok(check, found);
  const join = (texts: string[]): string => [...new Set(texts)].join('; ');
  return failed(check, join(failures.map(({ why }) => why)), join(failures.map(({ fix }) => fix)));
}

/** An error as a failed check. Takes the fix from our own single-line errors, which end in `; <fix>`. */
export function failedWith(check: Check, error: unknown, defaultFix: string): CheckResult {
  const message = (error instanceof Error ? error.message : String(error)).trim();
  const [, why, fix] = /^(.*); ([^;]+)$/.exec(message) ?? [];
  return failed(check, why ?? message, fix ?? defaultFix);
}
