/** A time span from `from` to `to`, in any unit. */
export interface Interval {
  from: number;
  to: number;
}

/** The union of intervals, sorted; intervals that touch become one. Drops those that are empty or reversed. */
export function mergeIntervals(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  for (const { from, to } of [...intervals].filter((one) => one.to > one.from).sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}

/** The length of the union. */
export function coveredLength(intervals: readonly Interval[]): number {
  return mergeIntervals(intervals).reduce((sum, { from, to }) => sum + to - from, 0);
}
