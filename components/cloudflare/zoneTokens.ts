import * as cloudflare from '@pulumi/cloudflare';
import * as pulumi from '@pulumi/pulumi';
import { grantedZonePermissions, zoneResource } from '../../clients/cloudflare/permissions';
import type { ClusterDefinition } from '../../cluster/definition';
import { issuedTokens } from '../../cluster/tunnel';

export interface ZoneTokensArgs {
  definition: ClusterDefinition;
  zoneId: pulumi.Output<string>;
}

/** API tokens with {@link grantedZonePermissions} on one zone, by user. */
export function zoneTokens(
  name: string,
  { definition, zoneId }: ZoneTokensArgs,
  options: pulumi.CustomResourceOptions,
): Record<ReturnType<typeof issuedTokens>[number]['user'], cloudflare.ApiToken> {
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
  const resources = zoneId.apply((id) => JSON.stringify({ [zoneResource(id)]: '*' }));
  const tokens = issuedTokens(definition).map(
    ({ user, name: tokenName }) =>
      [
        user,
        new cloudflare.ApiToken(
          `${name}-${user}`,
          { name: tokenName, policies: [{ effect: 'allow', permissionGroups, resources }] },
          // Cloudflare returns a token's value only at creation, so a rotation creates a new token.
          { ...options, replaceOnChanges: ['name'] },
        ),
      ] as const,
  );
  return Object.fromEntries(tokens) as ReturnType<typeof zoneTokens>;
}
