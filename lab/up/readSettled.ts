import { setTimeout as sleep } from 'node:timers/promises';
import { isReady, readyCondition, type Conditioned } from './conditions';

/** An object that a controller reconciles. */
export interface Reconciled extends Conditioned {
  kind?: string;
  metadata: { namespace?: string; name: string };
  spec?: { suspend?: boolean };
}

/** How {@link readSettled} waits. */
export interface SettleOptions {
  /** How long to keep reading while something is not ready. */
  seconds: number;
  intervalMilliseconds: number;
  progress: (line: string) => void;
  signal: AbortSignal;
}

/**
 * Reads until every object that `of` selects from the reading is ready or suspended, and returns that reading. A single
 * read may hit a reconciliation, during which Flux sets the Ready condition of a Kustomization to Unknown and its dependents
 * wait. After the timeout, reports the objects that are not ready to `progress` and returns the last reading.
 */
export async function readSettled<T>(
  read: () => Promise<T>,
  of: (reading: T) => readonly Reconciled[],
  { seconds, intervalMilliseconds, progress, signal }: SettleOptions,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const reading = await read();
    const unsettled = of(reading).filter((object) => object.spec?.suspend !== true && !isReady(object));
    if (unsettled.length === 0) return reading;
    if (Date.now() + intervalMilliseconds > deadline) {
      for (const object of unsettled) progress(`not ready after ${seconds} s: ${describe(object)}`);
      return reading;
    }
    await sleep(intervalMilliseconds, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }
}

function describe(object: Reconciled): string {
  const { namespace, name } = object.metadata;
  const id = namespace === undefined ? name : `${namespace}/${name}`;
  return `${object.kind ?? 'object'} ${id}: ${readyCondition(object)?.message ?? 'its controller has not reported yet'}`;
}
