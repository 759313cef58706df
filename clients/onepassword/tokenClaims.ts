/** Claims of a Connect token (a JWT), in seconds since 1970. */
export interface TokenClaims {
  issuedAt?: number;
  expiresAt?: number;
}

/** The claims of a token, without verifying it; empty if it is not a JWT. */
export function tokenClaims(token: string): TokenClaims {
  try {
    const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8');
    const { iat, exp } = JSON.parse(payload) as Record<string, unknown>;
    return {
      ...(typeof iat === 'number' && { issuedAt: iat }),
      ...(typeof exp === 'number' && { expiresAt: exp }),
    };
  } catch {
    return {};
  }
}

/** The times in a token, ISO 8601; empty if it is not a JWT. */
export function tokenTimes(token: string): { issuedAt?: string; expiresAt?: string } {
  const { issuedAt, expiresAt } = tokenClaims(token);
  return {
    ...(issuedAt !== undefined && { issuedAt: new Date(issuedAt * 1000).toISOString() }),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt * 1000).toISOString() }),
  };
}
