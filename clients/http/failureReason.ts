interface NestedError {
  message?: string;
  cause?: NestedError;
  errors?: NestedError[];
}

/** Why a request failed: the message of the innermost error, which undici's "fetch failed" hides; of an AggregateError, the first. */
export function failureReason(error: unknown): string {
  let reason = error as NestedError;
  for (let inner: NestedError | undefined = reason; inner; inner = inner.errors?.[0] ?? inner.cause) reason = inner;
  return reason.message || String(error);
}
