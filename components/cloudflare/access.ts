import * as cloudflare from '@pulumi/cloudflare';
import type * as pulumi from '@pulumi/pulumi';
import type { ClusterWithCloudflare } from '../../cluster/definition';
import { accessHosts, tunnelName } from '../../cluster/tunnel';

export interface AccessArgs {
  definition: ClusterWithCloudflare;
  accountId: pulumi.Output<string>;
}

/** Puts the configured hosts behind Cloudflare Access for the configured users. Creates nothing without `access`. */
export function accessApplication(
  name: string,
  { definition, accountId }: AccessArgs,
  options: pulumi.CustomResourceOptions,
): void {
  const { access } = definition.cloudflare;
  if (access === undefined) return;
  const label = tunnelName(definition);
  const policy = new cloudflare.ZeroTrustAccessPolicy(
    `${name}-access`,
    {
      accountId,
      name: label,
      decision: 'allow',
      includes: [
        ...access.emails.map((email) => ({ email: { email } })),
        ...access.emailDomains.map((domain) => ({ emailDomain: { domain } })),
      ],
    },
    options,
  );
  new cloudflare.ZeroTrustAccessApplication(
    `${name}-access`,
    {
      accountId,
      name: label,
      type: 'self_hosted',
      destinations: accessHosts(definition).map((uri) => ({ type: 'public', uri })),
      policies: [{ id: policy.id, precedence: 1 }],
    },
    options,
  );
}
