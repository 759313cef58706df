import { permissionScopes, type PermissionScope } from '../../../clients/cloudflare/permissions';

/** A permission group as `GET /user/tokens/permission_groups` returns it. */
export interface PermissionGroup {
  id: string;
  name: string;
  scopes: PermissionScope[];
}

const { zone, account, user } = permissionScopes;

const group = (id: string, name: string, scope: PermissionScope): PermissionGroup => ({ id, name, scopes: [scope] });

/** The permission groups (of Cloudflare's some three hundred) that this stand-in checks, with their real ids. */
export const permissionGroups: readonly PermissionGroup[] = [
  group('eb258a38ea634c86a0c89da6b27cb6b6', 'Access: Apps and Policies Read', zone),
  group('7ea222f6d5064cfa89ea366d7c1fee89', 'Access: Apps and Policies Read', account),
  group('959972745952452f8be2452be8cbb9f2', 'Access: Apps and Policies Write', zone),
  group('1e13c5124ca64b72b1969a67e8829049', 'Access: Apps and Policies Write', account),
  group('c1fde68c7bcc44588cbb6ddbc16d6480', 'Account Settings Read', account),
  group('1af1fa2adc104452b74a9a3364202f20', 'Account Settings Write', account),
  group('0cc3a61731504c89b99ec1be78b77aa0', 'API Tokens Read', user),
  group('686d18d5ac6c441c867cbf6771e58a0a', 'API Tokens Write', user),
  group('efea2ab8357b47888938f101ae5e053f', 'Cloudflare Tunnel Read', account),
  group('c07321b023e944ff818fec44d8203567', 'Cloudflare Tunnel Write', account),
  group('82e64a83756745bbbb1c9c2701bf816b', 'DNS Read', zone),
  group('4755a26eedb94da69e1066d98aa820be', 'DNS Write', zone),
  group('c8fed203ed3043cba015a93ad1616f1f', 'Zone Read', zone),
  group('517b21aee92c4d89936c976ba6e4be55', 'Zone Settings Read', zone),
  group('3030687196b94b638145a3953da2b699', 'Zone Settings Write', zone),
  group('e6d2666161e84845a636613608cee8d5', 'Zone Write', zone),
];

/** The permission that a call requires. Write permission includes read permission. */
export interface RequiredPermission {
  /** Name of the permission groups without "Read" or "Write", such as "DNS". */
  name: string;
  write: boolean;
}

/** Ids of the groups that grant a permission on resources of that scope. */
export function permissionGroupIds({ name, write }: RequiredPermission, scope: PermissionScope): string[] {
  const names = write ? [`${name} Write`] : [`${name} Read`, `${name} Write`];
  return permissionGroups
    .filter((candidate) => names.includes(candidate.name) && candidate.scopes.includes(scope))
    .map(({ id }) => id);
}
