import { messageOf } from '../userError';
import { ConnectClient, NoVaultError } from './connectClient';
import { tokenClaims } from './tokenClaims';

/** What is wrong with one of the two Connect tokens, or with what they should reach. Holds no token. */
export interface ConnectTokenProblem {
  token: 'connectToken' | 'connectWriteToken';
  /** `no-vault`: Connect takes the token, and shows it no vault of that name. */
  kind: 'token' | 'no-vault';
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
 * Asks Connect whether both tokens reach the vault, without changing anything. Connect tells nobody what a token may do:
 * whether the writing one may write shows at the first write, which is before any machine is touched.
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
  if (expiresAt !== undefined && expiresAt * 1000 <= Date.now()) {
    const why = `the token expired at ${new Date(expiresAt * 1000).toISOString()}`;
    return [{ token, kind: 'token', why, fix: `make another one and set it: pulumi config set --secret ${token}` }];
  }
  const client = new ConnectClient(host, value, signal);
  try {
    await client.itemsTitled(await client.vaultId(vault), '');
    return [];
  } catch (error) {
    signal.throwIfAborted();
    const kind = error instanceof NoVaultError ? 'no-vault' : 'token';
    return [{ token, kind, why: messageOf(error), fix: `correct it: pulumi config set --secret ${token}` }];
  } finally {
    await client.close();
  }
}
