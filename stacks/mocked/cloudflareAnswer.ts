import { grantedZonePermissions } from '../../clients/cloudflare/permissions';

/**
 * What Cloudflare's lookups would say if it has what the stack names; undefined for other calls.
 * @param idOf makes the id of something, such as `account example`
 */
export function cloudflareAnswer(
  token: string,
  inputs: Record<string, unknown>,
  idOf: (what: string) => string,
): Record<string, unknown> | undefined {
  const found = (id: string) => ({ ...inputs, results: [{ id: idOf(id), name: inputs['name'] }] });
  if (token === 'cloudflare:index/getAccounts:getAccounts') return found('account-id');
  if (token === 'cloudflare:index/getZones:getZones') return found('zone-id');
  if (token !== 'cloudflare:index/getApiTokenPermissionGroupsList:getApiTokenPermissionGroupsList') return undefined;
  const groups = grantedZonePermissions.map(({ name, scope }) => ({
    id: idOf(`id of ${name}`),
    name,
    scopes: [scope],
  }));
  return { results: [...groups, { id: 'another', name: groups[0]?.name, scopes: ['another'] }] };
}
