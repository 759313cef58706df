import * as cloudflare from '@pulumi/cloudflare';
import * as pulumi from '@pulumi/pulumi';
import type { ClusterWithCloudflare } from '../../cluster/definition';

/** The ids of an account and one of its zones. */
export interface Zone {
  accountId: pulumi.Output<string>;
  zoneId: pulumi.Output<string>;
}

/** Looks up the account and the zone by name. Throws a `RunError` unless the token can see exactly one of each. */
export function findZone(definition: ClusterWithCloudflare, options: pulumi.InvokeOutputOptions): Zone {
  const { account } = definition.cloudflare;
  const accountId = cloudflare.getAccountsOutput({ name: account }, options).results.apply((found) =>
    single(found, account, {
      what: `Cloudflare account ${account}`,
      fix: `correct cloudflare.account of stack ${definition.name}, or give the token "Account Settings Read" on it`,
    }),
  );
  const zoneId = cloudflare
    .getZonesOutput({ name: definition.domain, account: { id: accountId } }, options)
    .results.apply((found) =>
      single(found, definition.domain, {
        what: `zone ${definition.domain} in Cloudflare account ${account}`,
        fix: 'correct SECRET_DOMAIN in the cluster settings, add the zone, or give the token "Zone Read" on it',
      }),
    );
  return { accountId, zoneId };
}

function single(
  found: readonly { id: string; name: string }[],
  name: string,
  { what, fix }: { what: string; fix: string },
): string {
  const exact = found.filter((candidate) => candidate.name === name);
  if (exact.length === 1 && exact[0] !== undefined) return exact[0].id;
  const count = exact.length === 0 ? 'no' : `${exact.length} matches for`;
  throw new pulumi.RunError(`found ${count} ${what}; ${fix}`);
}
