/**
 * An error of which the user sees only the message. It has no stack, because the provider server of the Pulumi SDK
 * prints `error.stack` of everything that is thrown.
 */
export class UserError extends Error {
  override name = 'Error';

  constructor(message: string) {
    super(message);
    this.stack = '';
  }
}

/** Any thrown value as a UserError; PULUMI_PLATFORM_DEBUG=1 keeps the stack. */
export function asUserError(thrown: unknown): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  if (error instanceof UserError || process.env.PULUMI_PLATFORM_DEBUG === '1') return error;
  return new UserError(error.message);
}

/** The text of any thrown value. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
