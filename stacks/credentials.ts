import * as pulumi from '@pulumi/pulumi';
import { type ClusterDefinition, hasCloudflare } from '../cluster/definition';
import { stackSecretKeys } from '../cluster/machine/stackSecrets';
import { type SecretAge, secretAge } from '../cluster/secretAges';
import type { SecretConfigKey } from '../cluster/stackConfig';
import type { GitCredentials } from '../clients/git/credentials';
import { checkCloudflare } from '../clients/cloudflare/checkToken';
import { checkConnectTokens } from '../clients/onepassword/connectToken';
import { readGitCredentials } from '../clients/onepassword/gitCredentials';
import { tokenTimes } from '../clients/onepassword/tokenClaims';
import { plainSecret } from './engineConfig';

/** A secret from the stack's configuration, or from the environment if the stack has none. */
export function secretConfig(key: SecretConfigKey): pulumi.Output<string> {
  return pulumi.secret(plainSecret(key));
}

/** The secrets of the stack that machines refer to, by key; undefined if they refer to none. */
export function stackSecrets({
  nodes,
}: Pick<ClusterDefinition, 'nodes'>): pulumi.Output<Record<string, string>> | undefined {
  const keys = stackSecretKeys(nodes);
  if (keys.length === 0) return undefined;
  return pulumi.secret(Object.fromEntries(keys.map((key) => [key, plainSecret(key)])));
}

/** The ages of the Connect tokens, as far as they say. Of the Cloudflare token, only Cloudflare knows. */
export function tokenAges(): Record<string, SecretAge> {
  const keys = ['connectToken', 'connectWriteToken'] as const;
  return Object.fromEntries(
    keys.map((key) => {
      const { issuedAt, expiresAt } = tokenTimes(plainSecret(key));
      return [key, secretAge('bootstrap-token', issuedAt, expiresAt)];
    }),
  );
}

/**
 * Checks the 1Password Connect and Cloudflare tokens before anything changes. Throws a `RunError` that lists every token
 * that is rejected, lacks a permission, or expires within a day; warns of one that expires within two weeks.
 */
export async function requireCredentials(definition: ClusterDefinition): Promise<void> {
  const { signal } = new AbortController();
  const { host, vault } = definition.connect;
  const [connect, cloudflare] = await Promise.all([
    checkConnectTokens({
      host,
      vault,
      readToken: plainSecret('connectToken'),
      writeToken: plainSecret('connectWriteToken'),
      signal,
    }),
    !hasCloudflare(definition)
      ? []
      : checkCloudflare({
          apiToken: plainSecret('cloudflareApiToken'),
          account: definition.cloudflare.account,
          zone: definition.domain,
          needsAccess: definition.cloudflare.access !== undefined,
          ownsZone: definition.cloudflare.ownsZone,
          signal,
        }),
  ]);
  const soon = [
    ...connect.filter(({ kind }) => kind === 'expires-soon').map(({ token, why, fix }) => `${token}: ${why}; ${fix}`),
    ...cloudflare.filter(({ warning }) => warning).map(({ what, why, fix }) => `${what}: ${why}; ${fix}`),
  ];
  await Promise.all(soon.map((text) => pulumi.log.warn(text)));
  const problems = [
    ...connect.filter(({ kind }) => kind !== 'expires-soon').map(({ token, why, fix }) => `${token}: ${why}; ${fix}`),
    ...cloudflare.filter(({ ok }) => !ok).map(({ what, why, fix }) => `${what}: ${why}; ${fix}`),
  ];
  if (problems.length === 0) return;
  const lines = problems.map((problem) => `  - ${problem}`).join('\n');
  throw new pulumi.RunError(`stack ${definition.name}: credentials were rejected; nothing was changed\n${lines}`);
}

/** The credentials of a private repository; undefined if it is public. Throws a `RunError` if the vault does not have them. */
export async function gitCredentials({
  connect: { host, vault },
  gitCredentials: wanted,
}: ClusterDefinition): Promise<GitCredentials | undefined> {
  if (wanted === undefined) return undefined;
  try {
    const item = { host, vault, token: plainSecret('connectToken'), ...wanted };
    return await readGitCredentials(item, new AbortController().signal);
  } catch (error) {
    throw new pulumi.RunError((error as Error).message);
  }
}
