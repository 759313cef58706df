import { status } from '@grpc/grpc-js';

/** What a failed call to a machine means for the caller. */
export type TalosFailure =
  /** Etcd has been bootstrapped before. */
  | 'already-exists'
  /** Not now, but perhaps soon: starting, rebooting, no answer. */
  | 'not-yet'
  /** The machine's certificate is not of our cluster's authority, or ours is not of its. */
  | 'not-trusted'
  /** Anything else; trying again changes nothing. */
  | 'final';

/** A failed call: gRPC's code, and the machine's words. */
export class TalosError extends Error {
  constructor(
    readonly code: status,
    readonly details: string,
  ) {
    super(`${status[code] ?? code}: ${details}`);
  }

  /** Sorts the failure. */
  get failure(): TalosFailure {
    return classify(this.code, this.details);
  }
}

const untrusted =
  /self[- ]signed|unable to (verify|get)|signature failure|certificate (required|unknown)|bad certificate|unknown ca|not in the cert|altnames/i;
const passing: status[] = [
  status.UNAVAILABLE,
  status.FAILED_PRECONDITION,
  status.DEADLINE_EXCEEDED,
  status.ABORTED,
  status.RESOURCE_EXHAUSTED,
  // In maintenance mode the calls of a running machine do not exist yet.
  status.UNIMPLEMENTED,
];

/** Sorts a gRPC failure. TLS failures have no code of their own: they come as UNAVAILABLE with OpenSSL's words. */
export function classify(code: status, details: string): TalosFailure {
  if (code === status.ALREADY_EXISTS) return 'already-exists';
  if (code === status.UNAVAILABLE && untrusted.test(details)) return 'not-trusted';
  return passing.includes(code) ? 'not-yet' : 'final';
}
