import { UserError } from '../userError';

/** The API gave no answer: refused, timed out, reset, or its certificate did not fit. */
export class KubernetesUnreachable extends UserError {
  constructor(
    server: string,
    /** The connection's own words. */
    readonly reason: string,
  ) {
    super(`the Kubernetes API at ${server} cannot be reached: ${reason}`);
  }
}

/** The API answered with an error. */
export class KubernetesRefused extends UserError {
  constructor(
    /** HTTP status code. */
    readonly status: number,
    request: string,
    reason: string,
    server: string,
  ) {
    const rights = status === 401 || status === 403 ? '; the kubeconfig has not the rights of an admin' : '';
    super(`the Kubernetes API at ${server} refused ${request}: ${status} ${reason}${rights}`);
  }
}

/** Whether trying the same request again may help: no answer, too many requests, or a fault of the server. */
export function isPassing(error: unknown): boolean {
  if (error instanceof KubernetesUnreachable) return true;
  return error instanceof KubernetesRefused && (error.status === 429 || error.status >= 500);
}
