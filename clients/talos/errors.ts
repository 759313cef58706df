import { status } from '@grpc/grpc-js';

/** Kinds of failed calls, by what the caller can do about them. */
export type TalosFailure =
  /** etcd has already been bootstrapped. */
  | 'already-exists'
  /** A retry may succeed: the machine is starting, rebooting or not responding. */
  | 'transient'
  /** The CA of the cluster did not issue the machine's certificate, or the machine does not trust ours. */
  | 'untrusted'
  /** Anything else; a retry fails the same way. */
  | 'permanent';

/** A failed call, with the gRPC status code and the error message of the machine. */
export class TalosError extends Error {
  constructor(
    readonly code: status,
    readonly details: string,
  ) {
    super(`${status[code] ?? code}: ${details}`);
  }

  get failure(): TalosFailure {
    return classifyFailure(this.code, this.details);
  }
}

const untrustedDetails =
  /self[- ]signed|unable to (verify|get)|signature failure|certificate (required|unknown)|bad certificate|unknown ca|not in the cert|altnames/i;
const transientCodes: status[] = [
  status.UNAVAILABLE,
  status.FAILED_PRECONDITION,
  status.DEADLINE_EXCEEDED,
  status.ABORTED,
  status.RESOURCE_EXHAUSTED,
  // Maintenance mode does not implement the calls of a running machine.
  status.UNIMPLEMENTED,
];

/**
 * Classifies a gRPC failure. TLS failures have no code of their own: gRPC reports UNAVAILABLE with the OpenSSL message.
 */
export function classifyFailure(code: status, details: string): TalosFailure {
  if (code === status.ALREADY_EXISTS) return 'already-exists';
  if (code === status.UNAVAILABLE && untrustedDetails.test(details)) return 'untrusted';
  return transientCodes.includes(code) ? 'transient' : 'permanent';
}
