import { talosPort } from '../../../clients/talos/client';
import { kubernetesApiPort } from '../../../cluster/definition';

/** Timing and ports, which tests override. */
export interface MachinePace {
  port: number;
  apiPort: number;
  /** Of one question to a machine. */
  deadlineSeconds: number;
  /** Between two readings of what may be drift. */
  settleSeconds: number;
  /** How long a machine that boots is waited for. */
  patienceSeconds: number;
  /** Machines that are read at the same time. */
  concurrency: number;
}

export const defaultMachinePace: MachinePace = {
  port: talosPort,
  apiPort: kubernetesApiPort,
  // Long, because a busy machine must also answer in time; one that is off refuses immediately, or is queried twice.
  deadlineSeconds: 15,
  settleSeconds: 5,
  patienceSeconds: 90,
  concurrency: 24,
};
