import * as cloudflare from '@pulumi/cloudflare';
import * as pulumi from '@pulumi/pulumi';
import { grantedZonePermissions } from '../../clients/cloudflare/permissions';
import type { ClusterDefinition } from '../../cluster/definition';
import { tokenName } from '../../cluster/tunnel';

export interface ZoneTokensArgs {
  definition: ClusterDefinition;
  zoneId: pulumi.Output<string>;
}

/** API tokens for cert-manager and ExternalDNS with {@link grantedZonePermissions} on one zone. Secret. */
export function zoneTokens(
  name: string,
  { definition, zoneId }: ZoneTokensArgs,
  options: pulumi.CustomResourceOptions,
): { certManager: pulumi.Output<string>; externalDns: pulumi.Output<string> } {
  const groups = cloudflare.getApiTokenPermissionGroupsListOutput({}, options);
  const permissionGroups = groups.results.apply((found) =>
    grantedZonePermissions.map(({ name: wanted, scope }) => {
      const group = found.find((candidate) => candidate.name === wanted && candidate.scopes.includes(scope));
      if (group !== undefined) return { id: group.id };
      throw new pulumi.RunError(
        `Cloudflare has no permission group "${wanted}" for ${scope}; correct it in clients/cloudflare/permissions.ts`,
      );
    }),
  );
  const resources = zoneId.apply((id) => JSON.stringify({ [`com.cloudflare.api.account.zone.${id}`]: '*' }));
  const token = (user: string) =>
    new cloudflare.ApiToken(
      `${name}-${user}`,
      {
        name: tokenName(definition.name, user, definition.rotations.cloudflareTokens),
        policies: [{ effect: 'allow', permissionGroups, resources }],
      },
      // Cloudflare returns a token's value only at creation, so a rotation creates a new token.
      { ...options, replaceOnChanges: ['name'] },
    ).value;
  return { certManager: token('cert-manager'), externalDns: token('external-dns') };
}
