/** A value that a drift run needs, or why it is not available and what helps. */
export type Known<T> = { value: T } | { why: string; todo: string };

/** Whether the value is available. */
export function isKnown<T>(known: Known<T>): known is { value: T } {
  return 'value' in known;
}
