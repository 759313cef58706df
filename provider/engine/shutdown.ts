/**
 * An AbortSignal for all operations of this process. Aborted by a Cancel of the engine, by SIGINT, SIGTERM or SIGHUP,
 * and when the parent process is gone: a provider whose engine was killed must not keep installing, or the next `up`
 * would run at the same time.
 */
export function watchShutdown(): { signal: AbortSignal; cancel: (reason: string) => void } {
  const controller = new AbortController();
  const cancel = (reason: string) => controller.abort(new Error(reason));
  const stop = (reason: string) => {
    cancel(reason);
    // The abort stops child processes; this gives them and the finally blocks time to finish.
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

let inFlight = 0;

/** Runs work that a shutdown waits for. */
export async function trackInFlight<T>(work: () => Promise<T>): Promise<T> {
  inFlight++;
  try {
    return await work();
  } finally {
    inFlight--;
  }
}

function waitUntilIdle(): void {
  if (inFlight === 0) process.exit(1);
  setTimeout(waitUntilIdle, 50).unref();
}
