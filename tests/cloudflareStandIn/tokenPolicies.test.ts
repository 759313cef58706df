import type { CloudflarePermission } from '../../clients/cloudflare/permissions';
import { mentions, permits, type TokenPolicy } from '../../clients/cloudflare/tokenPolicies';

const zone = 'com.cloudflare.api.account.zone';
const account = 'com.cloudflare.api.account';
const dns: CloudflarePermission = { name: 'DNS Write', scope: zone, label: 'Zone / DNS / Edit' };
const target = { scope: zone, id: 'z', accountId: 'a' } as const;
const policy = (resources: TokenPolicy['resources'], effect = 'allow', name = 'DNS Write'): TokenPolicy => ({
  effect,
  resources,
  permission_groups: [{ id: '1', name }],
});

test.each<[string, TokenPolicy['resources'], boolean]>([
  ['the zone', { [`${zone}.z`]: '*' }, true],
  ['all zones', { [`${zone}.*`]: '*' }, true],
  ['all zones of its account', { [`${account}.a`]: { [`${zone}.*`]: '*' } }, true],
  ['the zone in its account', { [`${account}.a`]: { [`${zone}.z`]: '*' } }, true],
  ['another zone', { [`${zone}.y`]: '*' }, false],
  ['all zones of another account', { [`${account}.b`]: { [`${zone}.*`]: '*' } }, false],
])('for %s', (_, resources, expected) => {
  expect(mentions([policy(resources)], dns)).toBe(true);
  expect(permits([policy(resources)], dns, target)).toBe(expected);
});

test("a group of that name for another scope's resources is another permission", () => {
  const other = policy({ [`${account}.a`]: '*' });
  expect(mentions([other], dns)).toBe(false);
  expect(permits([other], dns, target)).toBe(false);
});

test('a group that holds it does as well', () => {
  const tunnel: CloudflarePermission = { name: 'T Write', also: ['All Write'], scope: account, label: '' };
  const held = policy({ [`${account}.a`]: '*' }, 'allow', 'All Write');
  expect(permits([held], tunnel, { scope: account, id: 'a' })).toBe(true);
  expect(permits([held], { ...tunnel, also: [] }, { scope: account, id: 'a' })).toBe(false);
});

test('a denial wins', () => {
  const policies = [policy({ [`${zone}.*`]: '*' }), policy({ [`${zone}.z`]: '*' }, 'deny')];
  expect(permits(policies, dns, target)).toBe(false);
  expect(permits(policies, dns, { ...target, id: 'y' })).toBe(true);
});
