import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../userError';

/** How long and how often to poll. */
export interface PollOptions {
  timeoutSeconds: number;
  intervalMilliseconds: number;
  signal: AbortSignal;
  /** The message of the timeout error; called once, after the last attempt. */
  timedOut: (waitedSeconds: number) => string | Promise<string>;
}

/**
 * Repeats the attempt until it returns something other than undefined.
 *
 * @throws UserError with the message from `timedOut` on timeout, or with the reason of the signal
 */
export async function pollUntil<T>(attempt: () => Promise<T | undefined>, options: PollOptions): Promise<T> {
  const started = Date.now();
  for (;;) {
    throwIfAborted(options.signal);
    const result = await attempt();
    if (result !== undefined) return result;
    const waited = (Date.now() - started) / 1000;
    if (waited + options.intervalMilliseconds / 1000 > options.timeoutSeconds) {
      throw new UserError(await options.timedOut(Math.round(waited)));
    }
    await sleep(options.intervalMilliseconds, undefined, { signal: options.signal }).catch(() => undefined);
  }
}

/** Throws the reason of an aborted signal as a UserError. */
export function throwIfAborted(signal: AbortSignal): void {
  const reason: unknown = signal.reason;
  if (signal.aborted) throw new UserError(reason instanceof Error ? reason.message : 'stopped');
}
