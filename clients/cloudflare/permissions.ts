/** The kind of resource that a permission applies to, as resource names of the API start. */
export const permissionScopes = {
  zone: 'com.cloudflare.api.account.zone',
  account: 'com.cloudflare.api.account',
  user: 'com.cloudflare.api.user',
} as const;

export type PermissionScope = (typeof permissionScopes)[keyof typeof permissionScopes];

/** A permission group of the Cloudflare API. Names are not unique: some exist for zones and for accounts. */
export interface CloudflarePermission {
  /** Name in the API, such as "DNS Write". */
  name: string;
  scope: PermissionScope;
  /** Other groups that include this permission, or that Cloudflare accepts in its place. */
  alternatives?: readonly string[];
  /** Name in the dashboard's token editor. */
  label: string;
}

const { zone, account, user } = permissionScopes;
/** Looks up zones by name. No alternatives: the program grants it to other tokens, so its own token must have it. */
export const zoneRead: CloudflarePermission = { name: 'Zone Read', scope: zone, label: 'Zone / Zone / Read' };

/** Looks up accounts by name. */
export const accountRead: CloudflarePermission = {
  name: 'Account Settings Read',
  scope: account,
  alternatives: ['Account Settings Write'],
  label: 'Account / Account Settings / Read',
};

const dnsWrite: CloudflarePermission = { name: 'DNS Write', scope: zone, label: 'Zone / DNS / Edit' };

/**
 * The permissions that the program's own token needs; Write includes Read. Zone settings are needed only by the stack
 * that owns the zone, Access only if the stack uses it.
 */
export function neededPermissions({
  needsAccess,
  ownsZone,
}: {
  needsAccess: boolean;
  ownsZone: boolean;
}): CloudflarePermission[] {
  return [
    zoneRead,
    ...(ownsZone ? [{ name: 'Zone Settings Write', scope: zone, label: 'Zone / Zone Settings / Edit' }] : []),
    dnsWrite,
    accountRead,
    {
      name: 'Cloudflare Tunnel Write',
      scope: account,
      alternatives: ['Cloudflare One Connector: cloudflared Write', 'Cloudflare One Connectors Write'],
      label: 'Account / Cloudflare Tunnel / Edit',
    },
    ...(needsAccess
      ? [
          {
            name: 'Access: Apps and Policies Write',
            scope: account,
            label: 'Account / Access: Apps and Policies / Edit',
          },
        ]
      : []),
    { name: 'API Tokens Write', scope: user, label: 'User / API Tokens / Edit' },
  ];
}

/** The permissions granted to cert-manager and ExternalDNS, for one zone: look it up and write its records. */
export const grantedZonePermissions: readonly CloudflarePermission[] = [zoneRead, dnsWrite];

/** A zone as a resource of token policies. */
export function zoneResource(zoneId: string): string {
  return `${permissionScopes.zone}.${zoneId}`;
}
