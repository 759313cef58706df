/** How the executor finds out that a part is ready. Every kind also fails at once when the process ends. */
export type Readiness =
  /** GET answers 2xx. `caFile` (PEM) is trusted for https; without it https is asked without verification. */
  | { kind: 'http'; url: string; caFile?: string; timeoutSeconds?: number }
  /** A TCP connection is accepted. */
  | { kind: 'tcp'; host: string; port: number; timeoutSeconds?: number }
  /** A line of the part's log (stdout and stderr together) contains this text. */
  | { kind: 'log'; text: string; timeoutSeconds?: number }
  /** The process ends with exit code 0: a job that others need done (for example: publish the charts). */
  | { kind: 'exit'; timeoutSeconds?: number };

/** Seconds a part may take to become ready when its readiness gives no `timeoutSeconds`. */
export const defaultReadySeconds = 60;

/**
 * One thing that runs in the lab, as data: the executor starts parts in the order that `needs` gives, and knows nothing
 * else about them.
 */
export interface LabProcess {
  /** Unique in the lab; also the name of its log file, `.lab/logs/<name>.log`. */
  name: string;
  /** Version of what runs, for `status`, for example "v1.34.1"; a stand-in gives the version of what it stands in for. */
  version: string;
  /** True for the product itself; false for a stand-in or a simulation, which `status` labels. */
  real: boolean;
  /** Names of parts that must be ready before this one starts. */
  needs: string[];
  /** Program (absolute path) and arguments. Never a secret: arguments are readable by everyone on the machine. */
  command: string[];
  /** Added to the lab's own environment; an empty value removes the variable. Never a secret. */
  env?: Record<string, string>;
  /** Working folder; the checkout when absent. */
  cwd?: string;
  ready: Readiness;
  /** Ports it listens on, by purpose, for `status` and for the check that `down` left none open. */
  ports?: Record<string, number>;
  /** Seconds between TERM and KILL when stopping; 10 when absent. */
  stopSeconds?: number;
}
