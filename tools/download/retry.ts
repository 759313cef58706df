import { setTimeout as wait } from 'node:timers/promises';
import { Transient, Unavailable } from './failures';

/** Failures in a row after which a publisher is given up. */
const mostFailures = 5;
/** A longer wait than this that a server asks for is not worth it: building has begun by then. */
const longestWait = 60_000;

/** Waits; tests replace it. */
export type Sleep = (milliseconds: number, signal?: AbortSignal) => Promise<void>;
export const sleep: Sleep = async (milliseconds, signal) => void (await wait(milliseconds, undefined, { signal }));

/**
 * Milliseconds to wait before the next attempt: what the server asks for, otherwise twice as long after every failure.
 * @param failures how often in a row it has failed, at least 1
 * @returns undefined to give up
 */
export function retryDelay(failures: number, retryAfter?: number): number | undefined {
  if (failures >= mostFailures || (retryAfter ?? 0) > longestWait) return undefined;
  return retryAfter ?? 500 * 2 ** (failures - 1);
}

/** Milliseconds that a Retry-After header asks to wait: seconds or a date; undefined if it is neither. */
export function retryAfterOf(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/**
 * Repeats work that fails with Transient.
 * @throws Unavailable with the last failure
 */
export async function withRetries<T>(work: () => Promise<T>, pause: Sleep, signal?: AbortSignal): Promise<T> {
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Transient)) throw error;
      await pause(delayOrGiveUp(error, failures), signal);
    }
  }
}

/**
 * The wait before the next attempt.
 * @throws Unavailable if there should be none
 */
export function delayOrGiveUp(error: Transient, failures: number): number {
  const delay = retryDelay(failures, error.retryAfter);
  if (delay !== undefined) return delay;
  const asked = error.retryAfter === undefined ? '' : `, and asks to wait ${Math.round(error.retryAfter / 1000)} s`;
  throw new Unavailable(`${error.message}${asked}`);
}
