import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../userError';

/** How long and how often to ask. */
export interface PollOptions {
  timeoutSeconds: number;
  intervalMilliseconds: number;
  signal: AbortSignal;
  /** Makes the message of the time-out from what the last round said. */
  timedOut: (waitedSeconds: number) => string | Promise<string>;
}

/** Asks again and again until there is an answer other than undefined; throws `timedOut`'s message when time is up. */
export async function pollUntil<T>(ask: () => Promise<T | undefined>, options: PollOptions): Promise<T> {
  const started = Date.now();
  for (;;) {
    throwIfAborted(options.signal);
    const answer = await ask();
    if (answer !== undefined) return answer;
    const waited = (Date.now() - started) / 1000;
    if (waited + options.intervalMilliseconds / 1000 > options.timeoutSeconds) {
      throw new UserError(await options.timedOut(Math.round(waited)));
    }
    await sleep(options.intervalMilliseconds, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

/** Throws the reason of a fired signal. */
export function throwIfAborted(signal: AbortSignal): void {
  const reason: unknown = signal.reason;
  if (signal.aborted) throw new UserError(reason instanceof Error ? reason.message : 'stopped');
}
