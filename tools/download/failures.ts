/** A publisher's release is not available now: the message says why. The tool is built instead. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/** A host cannot be reached at all. */
export class Unreachable extends Unavailable {
  constructor(
    readonly host: string,
    readonly reason: string,
  ) {
    super(`${host} cannot be reached (${reason})`);
  }
}

/** A request failed in a way that may pass. */
export class Transient extends Error {
  override readonly name = 'Transient';

  constructor(
    message: string,
    /** Milliseconds that the server asks to wait. */
    readonly retryAfter?: number,
  ) {
    super(message);
  }
}
