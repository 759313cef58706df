/** What a Connect token, a JWT, says of itself; seconds since 1970. */
export interface TokenClaims {
  issuedAt?: number;
  expiresAt?: number;
}

/** The claims of a token; nothing is verified, and what is no JWT has none. */
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
