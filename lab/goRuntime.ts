/**
 * Settings of Go's garbage collector for the lab's processes. With Go's default, half of the API server's CPU time is
 * garbage collection while the clusters come up (52 of 104 CPU-seconds each, by its own metrics). The limit is soft and
 * bounds what a process takes in return. What the caller has set wins.
 */
export function goRuntimeEnv(env: NodeJS.ProcessEnv = process.env): { GOGC: string; GOMEMLIMIT: string } {
  return { GOGC: env.GOGC ?? '400', GOMEMLIMIT: env.GOMEMLIMIT ?? '1600MiB' };
}
