import { talosPort } from '../../clients/talos/client';
import { apiUrl } from '../../cluster/kubeconfig';

/** Timing and ports of the steps, which tests override. */
export interface Pace {
  intervalMilliseconds: number;
  /** Deadline of one question to a machine. */
  deadlineSeconds: number;
  /** How long a machine may look like one of another cluster before this is an error: it may be about to reboot. */
  otherClusterGraceSeconds: number;
  /** Time between two looks at a cluster that seems to have no etcd. */
  settleMilliseconds: number;
  port: number;
  /** The URL of the Kubernetes API of a dialled address. */
  url: (endpoint: string) => string;
}

/** The pace of a diff: a preview does not wait long for a machine that is off. */
export function previewPace(pace: Pace): Pace {
  return { ...pace, deadlineSeconds: Math.min(3, pace.deadlineSeconds) };
}

export const defaultPace: Pace = {
  intervalMilliseconds: 2_000,
  deadlineSeconds: 5,
  otherClusterGraceSeconds: 20,
  settleMilliseconds: 10_000,
  port: talosPort,
  url: apiUrl,
};
