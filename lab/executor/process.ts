/** How the executor detects that a process is ready. Every kind fails immediately if the process exits. */
export type Readiness =
  /** GET returns 2xx. `caFile` (PEM) is trusted for https; without it, https is not verified. */
  | { kind: 'http'; url: string; caFile?: string; timeoutSeconds?: number }
  /** A TCP connection is accepted. */
  | { kind: 'tcp'; host: string; port: number; timeoutSeconds?: number }
  /** The log (stdout and stderr together) contains this text. */
  | { kind: 'log'; text: string; timeoutSeconds?: number }
  /** The process exits with code 0: a job that others depend on (for example: publish the charts). */
  | { kind: 'exit'; timeoutSeconds?: number };

/** Seconds until a process must be ready if its readiness has no `timeoutSeconds`. */
export const defaultReadySeconds = 60;

/**
 * Definition of one process of the lab. The executor starts processes in the order that `needs` implies and knows
 * nothing else about them.
 */
export interface LabProcess {
  /** Unique in the lab; also names its log file, `.lab/logs/<name>.log`. */
  name: string;
  /** Version for `status`, for example "v1.34.1"; for a stand-in, the version of the original. */
  version: string;
  /** True for the product itself; false for a stand-in or simulation, which `status` labels as such. */
  real: boolean;
  /** Names of processes that must be ready before this one starts. */
  needs: string[];
  /** Program (absolute path) and arguments. No secrets: every user of the machine can read arguments. */
  command: string[];
  /** Added to the lab's environment; an empty value removes the variable. No secrets. */
  env?: Record<string, string>;
  /** Working directory. Default: the checkout. */
  cwd?: string;
  ready: Readiness;
  /** Ports it listens on, by purpose: for `status`, and to check that `down` leaves none open. */
  ports?: Record<string, number>;
  /** Seconds between SIGTERM and SIGKILL when stopping. Default: 10. */
  stopSeconds?: number;
}
