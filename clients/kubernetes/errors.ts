import { UserError } from '../userError';

/** No response from the API: connection refused, timed out or reset, or its certificate is not trusted. */
export class KubernetesUnreachable extends UserError {
  constructor(
    server: string,
    /** The connection error. */
    readonly reason: string,
  ) {
    super(`the Kubernetes API at ${server} cannot be reached: ${reason}`);
  }
}

/** A cause in a Status object (`details.causes`). */
export interface StatusCause {
  /** Machine-readable, e.g. `DisruptionBudget`. */
  reason?: string;
  message?: string;
}

/** The API responded with an error status. */
export class KubernetesRefused extends UserError {
  constructor(
    /** HTTP status code. */
    readonly status: number,
    request: string,
    /** The message of the API server alone. */
    readonly detail: string,
    server: string,
    /** The machine-readable `reason` of its Status object, e.g. `AlreadyExists`; empty if there is none. */
    readonly reason = '',
    /** What its Status object lists as causes, e.g. the disruption budgets that do not allow an eviction. */
    readonly causes: readonly StatusCause[] = [],
  ) {
    const rights = status === 401 || status === 403 ? '; the kubeconfig does not have admin rights' : '';
    super(`the Kubernetes API at ${server} refused ${request}: ${status} ${detail}${rights}`);
  }

  /** The error that a response body describes: a Status object, or any text. */
  static fromBody(status: number, request: string, body: string, server: string): KubernetesRefused {
    let parsed: unknown;
    try {
      parsed = JSON.parse(body);
    } catch {
      // Not a Status object: the text itself is the message.
    }
    const {
      message,
      reason: code,
      details,
    } = (parsed ?? {}) as { message?: unknown; reason?: unknown; details?: { causes?: StatusCause[] } };
    const detail = typeof message === 'string' ? message : body.slice(0, 200).trim();
    const reason = typeof code === 'string' ? code : '';
    const causes = details?.causes ?? [];
    return new KubernetesRefused(status, request, detail || 'no reason given', server, reason, causes);
  }
}

/** The API server's own message if it refused the request, otherwise the error's message. */
export function serverMessage(error: unknown): string {
  return error instanceof KubernetesRefused ? error.detail : (error as Error).message;
}

/** Whether a retry of the same request may succeed: no response, too many requests, or a server error. */
export function isTransient(error: unknown): boolean {
  if (error instanceof KubernetesUnreachable) return true;
  return error instanceof KubernetesRefused && (error.status === 429 || error.status >= 500);
}
