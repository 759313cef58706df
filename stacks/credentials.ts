import * as pulumi from '@pulumi/pulumi';
import type { ClusterDefinition } from '../cluster/definition';
import type { SecretConfigKey } from '../cluster/stackConfig';
import { checkCloudflare } from '../clients/cloudflare/checkToken';
import { checkConnectTokens } from '../clients/onepassword/connectToken';
import { plainSecret } from './engineConfig';

/** A secret of the stack's configuration or, where the stack has none, of the environment. */
export function secretConfig(key: SecretConfigKey): pulumi.Output<string> {
  return pulumi.secret(plainSecret(key));
}

/** Throws a `RunError` with every credential that is refused: better now than with machines half-way. */
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
  throw new pulumi.RunError(`stack ${definition.name}: nothing was changed, credentials are refused\n${lines}`);
}
