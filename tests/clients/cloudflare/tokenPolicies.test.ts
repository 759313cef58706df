import type { CloudflarePermission } from '../../../clients/cloudflare/permissions';
import { grants, grantsAnywhere, type TokenPolicy } from '../../../clients/cloudflare/tokenPolicies';

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
])('a policy for %s', (_, resources, expected) => {
  expect(grantsAnywhere([policy(resources)], dns)).toBe(true);
  expect(grants([policy(resources)], dns, target)).toBe(expected);
});

test('a group of the same name for resources of another scope is another permission', () => {
  const other = policy({ [`${account}.a`]: '*' });
  expect(grantsAnywhere([other], dns)).toBe(false);
  expect(grants([other], dns, target)).toBe(false);
});

test('an alternative group counts as well', () => {
  const tunnel: CloudflarePermission = { name: 'T Write', alternatives: ['All Write'], scope: account, label: '' };
  const includesIt = policy({ [`${account}.a`]: '*' }, 'allow', 'All Write');
  expect(grants([includesIt], tunnel, { scope: account, id: 'a' })).toBe(true);
  expect(grants([includesIt], { ...tunnel, alternatives: [] }, { scope: account, id: 'a' })).toBe(false);
});

test('deny overrides allow', () => {
  const policies = [policy({ [`${zone}.*`]: '*' }), policy({ [`${zone}.z`]: '*' }, 'deny')];
  expect(grants(policies, dns, target)).toBe(false);
  expect(grants(policies, dns, { ...target, id: 'y' })).toBe(true);
});
