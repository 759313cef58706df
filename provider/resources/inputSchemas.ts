import * as z from 'zod';

// Schemas of inputs that several resources share.

export const nonEmpty = z.string().min(1, 'must not be empty');
/** A 1Password vault, and the token to access it. */
export const vaultLocation = {
  connectHost: z.url({ protocol: /^https?$/, message: 'must be an http(s) URL' }),
  connectToken: nonEmpty,
  vault: nonEmpty,
};
/** Accepted signers of a chart. */
export const signers = z.array(z.object({ issuer: nonEmpty, subject: nonEmpty })).optional();

export const timeoutSeconds = z.number().positive('must be a positive number of seconds');
export const ociUrl = z.string().regex(/^oci:\/\/\S+$/, 'must be an oci:// URL');
/** Chart values are passed as JSON text, because they must pass through the engine unchanged, nulls included. */
export const jsonObject = z.string().refine(isJsonObject, 'must be the text of a JSON object');
export const isoTime = z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'must be an ISO 8601 time');

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
