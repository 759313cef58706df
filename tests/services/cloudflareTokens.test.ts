import { neededPermissions, grantedZonePermissions } from '../../clients/cloudflare/permissions';
import { permissionGroups } from '../../lab/services/cloudflare/permissionGroups';
import { mintToken } from '../../lab/services/cloudflare/mintToken';
import { CloudflareLab, rootToken } from './cloudflareLab';

const lab = new CloudflareLab();
const groupId = (name: string, scope = 'com.cloudflare.api.account.zone'): string =>
  permissionGroups.find((group) => group.name === name && group.scopes.some((other) => other === scope))?.id ?? '';
const zoneResource = (name: string): string => `com.cloudflare.api.account.zone.${lab.zoneId(name)}`;
const policy = (groups: string[], resource: string) => ({
  effect: 'allow',
  permission_groups: groups.map((id) => ({ id })),
  resources: { [resource]: '*' },
});

beforeAll(() => lab.start());
afterAll(() => lab.stop());

test('every permission that the program needs or grants has a group of its scope', () => {
  const all = [...neededPermissions({ needsAccess: true, ownsZone: true }), ...grantedZonePermissions];
  expect(all.filter(({ name, scope }) => groupId(name, scope) === '')).toEqual([]);
});

test('a token is created, updated, rolled and deleted; its value is returned only once', async () => {
  const body = {
    name: 'records',
    policies: [policy([groupId('Zone Read'), groupId('DNS Write')], zoneResource('example.org'))],
  };
  const { result: created } = await lab.call('POST', '/user/tokens', body);
  expect(created.value).toMatch(/^[\w-]{40}$/);
  // In Cloudflare's order.
  expect(created.policies[0].permission_groups).toEqual([
    { id: '4755a26eedb94da69e1066d98aa820be', name: 'DNS Write' },
    { id: 'c8fed203ed3043cba015a93ad1616f1f', name: 'Zone Read' },
  ]);
  const own = `/user/tokens/${created.id}`;
  const { result: read } = await lab.call('GET', own);
  expect(read).toMatchObject({ id: created.id, name: 'records', status: 'active' });
  expect(read).not.toHaveProperty('value');
  const visibleZones = async (token: string) => (await lab.call('GET', '/zones', undefined, token)).result?.length;
  expect(await visibleZones(created.value)).toBe(1);

  await lab.call('PUT', own, { ...body, name: 'more', status: 'disabled' });
  expect(await lab.expectError('GET', '/zones', undefined, created.value)).toEqual([403, '9109 Invalid access token']);
  await lab.call('PUT', own, body);
  const { result: rolled } = await lab.call('PUT', `${own}/value`, {});
  expect(await lab.expectError('GET', '/zones', undefined, created.value)).toEqual([403, '9109 Invalid access token']);
  expect(await visibleZones(rolled)).toBe(1);

  expect((await lab.call('DELETE', own)).result).toEqual({ id: created.id });
  expect(await lab.expectError('GET', own)).toEqual([404, '1003 Token not found']);
});

test('a token has only the permissions of its policies', async () => {
  const body = { name: 'reader', policies: [policy([groupId('DNS Read')], zoneResource('example.org'))] };
  const weak = (
    await lab.call('POST', '/user/tokens', {
      ...body,
      policies: [policy([groupId('Zone Read')], zoneResource('example.org'))],
    })
  ).result.value;
  expect((await lab.call('GET', `/zones/${lab.zoneId('example.org')}`, undefined, weak)).status).toBe(200);
  expect(await lab.expectError('GET', '/user/tokens', undefined, weak)).toEqual([
    403,
    '9109 Unauthorized to access requested resource',
  ]);
  expect((await lab.call('POST', '/user/tokens', body)).status).toBe(200);
});

test('a deny policy takes precedence', async () => {
  const [zone, records] = [groupId('Zone Read'), groupId('DNS Write')];
  const deny = { ...policy([records], zoneResource('example.org')), effect: 'deny' };
  const allow = policy([zone, records], 'com.cloudflare.api.account.zone.*');
  const { value } = (await lab.call('POST', '/user/tokens', { name: 'mixed', policies: [allow, deny] })).result;
  const read = (name: string) => lab.call('GET', `/zones/${lab.zoneId(name)}/dns_records`, undefined, value);
  expect((await read('example.net')).status).toBe(200);
  expect((await read('example.org')).status).toBe(403);
});

describe('rejects', () => {
  test('permissions that the calling token lacks', async () => {
    const args = { origin: lab.origin, token: rootToken, account: 'ours', zone: 'example.org' };
    const token = await mintToken({ ...args, without: ['DNS Write'] });
    const body = { name: 'more', policies: [policy([groupId('DNS Write')], zoneResource('example.org'))] };
    expect(await lab.expectError('POST', '/user/tokens', body, token)).toEqual([
      400,
      '1001 Failed common permission check against resources. (Permission group: "DNS Write")',
    ]);
  });

  test('a group for resources of another scope', async () => {
    const body = {
      name: 'x',
      policies: [policy([groupId('Account Settings Read', 'com.cloudflare.api.account')], zoneResource('example.org'))],
    };
    expect(await lab.expectError('POST', '/user/tokens', body)).toEqual([
      400,
      '1001 Failed common permission check against resources. (Permission group: "Account Settings Read")',
    ]);
  });

  test('resources that do not belong to the user', async () => {
    const body = {
      name: 'x',
      policies: [policy([groupId('DNS Write')], `com.cloudflare.api.account.zone.${'a'.repeat(32)}`)],
    };
    expect(await lab.expectError('POST', '/user/tokens', body)).toEqual([
      403,
      '9109 Unauthorized to access requested resource',
    ]);
  });

  test('an expiry in the past, an unknown group and an empty list of policies', async () => {
    const policies = [policy([groupId('Zone Read')], zoneResource('example.org'))];
    const past = { name: 'x', policies, expires_on: '2020-01-01T00:00:00Z' };
    expect(await lab.expectError('POST', '/user/tokens', past)).toEqual([
      400,
      '1001 Invalid token: expires_on must be in the future',
    ]);
    const unknown = { name: 'x', policies: [policy(['b'.repeat(32)], zoneResource('example.org'))] };
    expect(await lab.expectError('POST', '/user/tokens', unknown)).toEqual([
      400,
      `1001 Invalid token: there is no permission group ${'b'.repeat(32)}`,
    ]);
    const [status] = await lab.expectError('POST', '/user/tokens', { name: 'x', policies: [] });
    expect(status).toBe(400);
  });
});

test('permission groups can be filtered by name and scope, both encoded twice', async () => {
  const find = async (query: string) => (await lab.call('GET', `/user/tokens/permission_groups?${query}`)).result;
  const name = 'Access: Apps and Policies Write';
  const twice = new URLSearchParams({ name: encodeURIComponent(name) }).toString();
  expect(await find(twice)).toHaveLength(2);
  expect(await find(`${twice}&scope=com.cloudflare.api.account`)).toEqual([
    { id: '1e13c5124ca64b72b1969a67e8829049', name, scopes: ['com.cloudflare.api.account'] },
  ]);
});
