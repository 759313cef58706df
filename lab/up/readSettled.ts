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
  /** How long to go on reading while something is not ready. */
  seconds: number;
  intervalMilliseconds: number;
  progress: (line: string) => void;
  signal: AbortSignal;
}

/**
 * Reads until every object that `of` takes from the reading is ready or suspended, and returns that reading. Flux takes
 * the Ready condition of a Kustomization back while it reconciles it again, at each interval, and whoever depends on
 * it waits meanwhile: one look may fall into that. What is not ready when the time is up is told to `progress`, and the
 * last reading counts.
 */
export async function readSettled<T>(
  read: () => Promise<T>,
  of: (reading: T) => readonly Reconciled[],
  { seconds, intervalMilliseconds, progress, signal }: SettleOptions,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const reading = await read();
    const restless = of(reading).filter((object) => object.spec?.suspend !== true && !isReady(object));
    if (restless.length === 0) return reading;
    if (Date.now() + intervalMilliseconds > deadline) {
      for (const object of restless) progress(`not ready after ${seconds} s: ${describe(object)}`);
      return reading;
    }
    await sleep(intervalMilliseconds, undefined, { signal }).catch(() => undefined);
    signal.throwIfAborted();
  }
}

function describe(object: Reconciled): string {
  const { namespace, name } = object.metadata;
  const id = namespace === undefined ? name : `${namespace}/${name}`;
  return `${object.kind ?? 'object'} ${id}: ${readyCondition(object)?.message ?? 'its controller has said nothing yet'}`;
}
