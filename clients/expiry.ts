/** A credential is not used if it expires within this time: an `up` and what it leaves behind must outlast it. */
export const refusedHours = 24;
/** From when on the expiry of a credential is a warning. */
export const warnedDays = 14;

const hour = 3_600_000;

/** How close a credential is to its expiry; undefined if there is no need to say anything. */
export type Expiry = { state: 'expired' | 'imminent' | 'soon'; why: string };

/** What to say about a credential that expires at a time; `what` is its name in the text. */
export function expiryOf(what: string, expiresAt: Date | undefined, now = new Date()): Expiry | undefined {
  if (expiresAt === undefined || Number.isNaN(expiresAt.getTime())) return undefined;
  const at = expiresAt.toISOString();
  const left = expiresAt.getTime() - now.getTime();
  if (left <= 0) return { state: 'expired', why: `${what} expired at ${at}` };
  if (left <= refusedHours * hour) {
    return { state: 'imminent', why: `${what} expires at ${at}, within ${refusedHours} hours` };
  }
  const days = Math.ceil(left / (24 * hour));
  return days <= warnedDays ? { state: 'soon', why: `${what} expires at ${at}, in ${days} days` } : undefined;
}
