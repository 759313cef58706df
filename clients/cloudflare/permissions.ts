/** What a permission of a Cloudflare API token is about: the first part of the names of the resources it is given for. */
export const permissionScopes = {
  zone: 'com.cloudflare.api.account.zone',
  account: 'com.cloudflare.api.account',
  user: 'com.cloudflare.api.user',
} as const;

export type PermissionScope = (typeof permissionScopes)[keyof typeof permissionScopes];

/** A permission group of the Cloudflare API. The name alone is not unique: some exist for zones and for accounts. */
export interface CloudflarePermission {
  /** As the API names it, such as "DNS Write". */
  name: string;
  scope: PermissionScope;
  /** Groups that hold it or that Cloudflare takes in its place. */
  also?: readonly string[];
  /** As the dashboard names it where tokens are made. */
  label: string;
}

const { zone, account, user } = permissionScopes;
/** Finds zones by their names. Given away, and nobody can give what they have not: no other does in its place. */
export const zoneRead: CloudflarePermission = { name: 'Zone Read', scope: zone, label: 'Zone / Zone / Read' };

/** Finds accounts by their names. */
export const accountRead: CloudflarePermission = {
  name: 'Account Settings Read',
  scope: account,
  also: ['Account Settings Write'],
  label: 'Account / Account Settings / Read',
};

const dnsWrite: CloudflarePermission = { name: 'DNS Write', scope: zone, label: 'Zone / DNS / Edit' };

/**
 * What the program's own token needs. A permission to write holds the one to read. Settings are only the zone owner's;
 * Access only where the stack uses it.
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
      also: ['Cloudflare One Connector: cloudflared Write', 'Cloudflare One Connectors Write'],
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

/** What cert-manager and ExternalDNS may do, in the one zone: look it up and write its records. */
export const grantedZonePermissions: readonly CloudflarePermission[] = [zoneRead, dnsWrite];
