import * as pulumi from '@pulumi/pulumi';
import type { ClusterDefinition } from '../cluster/definition';
import type { SecretConfigKey } from '../cluster/stackConfig';
import { checkCloudflare } from '../clients/cloudflare/checkToken';
import { checkConnectTokens } from '../clients/onepassword/connectToken';
import { plainSecret } from './engineConfig';

/** A secret from the stack's configuration, or from the environment if the stack has none. */
export function secretConfig(key: SecretConfigKey): pulumi.Output<string> {
  return pulumi.secret(plainSecret(key));
}

/**
 * Checks the 1Password Connect and Cloudflare tokens before anything changes. Throws a `RunError` that lists every token
 * that is rejected or lacks a permission.
 */
export async function requireCredentials(definition: ClusterDefinition): Promise<void> {
  const { signal } = new AbortController();
  const { host, vault } = definition.connect;
  const { account, access, ownsZone } = definition.cloudflare;
  const [connect, cloudflare] = await Promise.all([
    checkConnectTokens({
      host,
      vault,
      readToken: plainSecret('connectToken'),
      writeToken: plainSecret('connectWriteToken'),
      signal,
    }),
    checkCloudflare({
      apiToken: plainSecret('cloudflareApiToken'),
      account,
      zone: definition.domain,
      needsAccess: access !== undefined,
      ownsZone,
      signal,
    }),
  ]);
  const problems = [
    ...connect.map(({ token, why, fix }) => `${token}: ${why}; ${fix}`),
    ...cloudflare.filter(({ ok }) => !ok).map(({ what, why, fix }) => `${what}: ${why}; ${fix}`),
  ];
  if (problems.length === 0) return;
  const lines = problems.map((problem) => `  - ${problem}`).join('\n');
  throw new pulumi.RunError(`stack ${definition.name}: credentials were rejected; nothing was changed\n${lines}`);
}
