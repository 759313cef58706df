/**
 * An AbortSignal for all work of this process: fires on the engine's Cancel, on SIGINT, SIGTERM or SIGHUP, and when the
 * process that started us is gone. A provider whose engine was killed must not go on installing: the next `up` would
 * find two at work.
 */
export function watchShutdown(): { signal: AbortSignal; cancel: (reason: string) => void } {
  const controller = new AbortController();
  const cancel = (reason: string) => controller.abort(new Error(reason));
  const stop = (reason: string) => {
    cancel(reason);
    // Children were told to stop by the signal; this leaves them and the finally blocks a moment.
    setTimeout(() => process.exit(1), 4_000).unref();
    waitUntilIdle();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => stop(`stopped by ${signal}`));

  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent && !controller.signal.aborted) stop('stopped: the Pulumi engine is gone');
  }, 500).unref();
  return { signal: controller.signal, cancel };
}

let busy = 0;

/** Counts a piece of work that a stop should wait for. */
export async function trackInFlight<T>(work: () => Promise<T>): Promise<T> {
  busy++;
  try {
    return await work();
  } finally {
    busy--;
  }
}

function waitUntilIdle(): void {
  if (busy === 0) process.exit(1);
  setTimeout(waitUntilIdle, 50).unref();
}
