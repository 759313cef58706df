import type { LoadSample } from './recording';

/** How busy the machine was between two moments. */
export interface Load {
  seconds: number;
  /** Mean number of busy cores. */
  busyCores: number;
  /** Part of the time in which all cores were busy, from 0 to 1: work there is bound by CPU. */
  allBusyShare: number;
  /** CPU seconds of the lab, and of everything else on the machine. */
  labSeconds: number;
  otherSeconds: number;
}

/** One interval between two samples. */
export interface LoadSlice {
  from: number;
  to: number;
  busyCores: number;
  /** By cluster, and `shared`: busy cores. */
  lab: Record<string, number>;
}

/** Kernel clock ticks per second, as /proc reports CPU times. */
export const ticksPerSecond = 100;

// A sample's edges and a tick of 10 ms make a busy core look slightly idle.
const busyEnough = 0.95;

/** Core-seconds in the first line of /proc/stat that were not idle. A stolen core was not available, so it counts. */
export function busySeconds(stat: string): number {
  const fields = /^cpu\s+(.*)$/m.exec(stat)?.[1]?.split(/\s+/).map(Number);
  if (fields === undefined) throw new Error('/proc/stat: found no line "cpu", expected the CPU times since boot');
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields;
  return (user + nice + system + irq + softirq + steal) / ticksPerSecond;
}

/** The load between adjacent samples. */
export function loadSlices(samples: readonly LoadSample[]): LoadSlice[] {
  return samples.slice(1).flatMap((sample, at) => {
    const before = samples[at];
    const seconds = before === undefined ? 0 : (sample.at - before.at) / 1000;
    if (before === undefined || seconds <= 0) return [];
    const lab = Object.entries(sample.lab).map(([name, cpu]) => {
      return [name, Math.max(0, cpu - (before.lab[name] ?? 0)) / seconds] as const;
    });
    const busyCores = Math.max(0, sample.busySeconds - before.busySeconds) / seconds;
    return [{ from: before.at, to: sample.at, busyCores, lab: Object.fromEntries(lab) }];
  });
}

/**
 * The load between two moments; a slice that crosses an edge counts in proportion. Undefined if there was no slice then.
 * @param cores number of the machine's cores
 */
export function loadWithin(slices: readonly LoadSlice[], from: number, to: number, cores: number): Load | undefined {
  let [seconds, busy, allBusy, lab] = [0, 0, 0, 0];
  for (const slice of slices) {
    const length = (Math.min(slice.to, to) - Math.max(slice.from, from)) / 1000;
    if (length <= 0) continue;
    seconds += length;
    busy += slice.busyCores * length;
    if (slice.busyCores >= cores * busyEnough) allBusy += length;
    lab += Object.values(slice.lab).reduce((sum, one) => sum + one, 0) * length;
  }
  if (seconds === 0) return undefined;
  return {
    seconds: round(seconds),
    busyCores: round(busy / seconds),
    allBusyShare: round(allBusy / seconds),
    labSeconds: round(lab),
    otherSeconds: round(Math.max(0, busy - lab)),
  };
}

/** Three decimals. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
