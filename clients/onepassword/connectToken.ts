import { expiryOf } from '../expiry';
import { messageOf } from '../userError';
import { ConnectClient, VaultNotFoundError } from './connectClient';
import { tokenClaims } from './tokenClaims';

/** A problem with one of the two Connect tokens, or with its access to the vault. Never contains a token. */
export interface ConnectTokenProblem {
  token: 'connectToken' | 'connectWriteToken';
  /**
   * `no-vault`: Connect accepts the token but lists no vault of that name for it. `expires-soon`: a warning, the token
   * works.
   */
  kind: 'token' | 'no-vault' | 'expires-soon';
  why: string;
  fix: string;
}

export interface CheckConnectTokensArgs {
  host: string;
  vault: string;
  readToken: string;
  writeToken: string;
  signal: AbortSignal;
}

/**
 * Checks that both tokens have access to the vault and do not expire within a day. Read-only. Connect does not report what a token is allowed to do:
 * missing write access shows up at the first write, which happens before any machine is touched.
 */
export async function checkConnectTokens(args: CheckConnectTokensArgs): Promise<ConnectTokenProblem[]> {
  const [read, write] = await Promise.all([
    check('connectToken', args.readToken, args),
    check('connectWriteToken', args.writeToken, args),
  ]);
  return [...read, ...write];
}

async function check(
  token: ConnectTokenProblem['token'],
  value: string,
  { host, vault, signal }: CheckConnectTokensArgs,
): Promise<ConnectTokenProblem[]> {
  const { expiresAt } = tokenClaims(value);
  const expiry = expiryOf('the token', expiresAt === undefined ? undefined : new Date(expiresAt * 1000));
  const renew = `create a new one and set it: pulumi config set --secret ${token}`;
  if (expiry !== undefined && expiry.state !== 'soon') return [{ token, kind: 'token', why: expiry.why, fix: renew }];
  const client = new ConnectClient(host, value, signal);
  try {
    await client.itemsByTitle(await client.vaultId(vault), '');
    return expiry === undefined ? [] : [{ token, kind: 'expires-soon', why: expiry.why, fix: renew }];
  } catch (error) {
    signal.throwIfAborted();
    const kind = error instanceof VaultNotFoundError ? 'no-vault' : 'token';
    return [{ token, kind, why: messageOf(error), fix: `correct it: pulumi config set --secret ${token}` }];
  } finally {
    await client.close();
  }
}
