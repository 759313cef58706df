interface Failure {
  message?: string;
  cause?: Failure;
  errors?: Failure[];
}

/** What is behind undici's "fetch failed": the message of the innermost error, of the first where there are several. */
export function causeOf(error: unknown): string {
  let failure = error as Failure;
  for (let inner: Failure | undefined = failure; inner; inner = inner.errors?.[0] ?? inner.cause) failure = inner;
  return failure.message || String(error);
}
