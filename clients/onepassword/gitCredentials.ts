import { credentialsFrom, type GitCredentials } from '../git/credentials';
import { UserError } from '../userError';
import { ConnectClient } from './connectClient';
import { fieldValue } from './managedFields';

/** Where the credentials of a private repository are. */
export interface GitCredentialsItem {
  host: string;
  token: string;
  vault: string;
  item: string;
  kind: 'ssh' | 'token';
}

/**
 * Reads the credentials of a private repository.
 *
 * @throws UserError, which quotes nothing, if the item is missing or does not have them
 */
export async function readGitCredentials(
  { host, token, vault, item, kind }: GitCredentialsItem,
  signal: AbortSignal,
): Promise<GitCredentials> {
  const connect = new ConnectClient(host, token, signal);
  try {
    const vaultId = await connect.vaultId(vault);
    const [found] = await connect.itemsByTitle(vaultId, item);
    if (found === undefined) {
      throw new UserError(`vault ${vault} has no item ${item} for gitCredentials; create it (docs/private-git.md)`);
    }
    const full = await connect.item(vaultId, found.id);
    const credentials = credentialsFrom(kind, (label) => fieldValue(full, label));
    if ('problem' in credentials) {
      throw new UserError(`item ${item} in vault ${vault} ${credentials.problem}; correct it (docs/private-git.md)`);
    }
    return credentials;
  } finally {
    await connect.close();
  }
}
