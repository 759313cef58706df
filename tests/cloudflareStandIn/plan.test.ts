import { unknownValue } from '@pulumi/pulumi/runtime/rpc';
import { kindOf, kinds } from '../../lab/plugins/cloudflare/kinds';
import { planCreate, planUpdate } from '../../lab/plugins/cloudflare/plan';
import type { Properties } from '../../lab/plugins/provider/properties';

const kind = (name: string) =>
  kindOf(`urn:pulumi:s::p::cloudflare:index/${name[0]?.toLowerCase() ?? ''}${name.slice(1)}:${name}::x`);
const tunnel = kind('ZeroTrustTunnelCloudflared');
const state: Properties = {
  accountId: 'a',
  configSrc: 'local',
  name: 'one',
  tunnelSecret: 's1',
  accountTag: 'a',
  status: 'inactive',
};
const inputs: Properties = { accountId: 'a', configSrc: 'local', name: 'one', tunnelSecret: 's1' };
const changes = (resourceKind: typeof tunnel, before: Properties, after: Properties) => {
  const { changed, replaces } = planUpdate(resourceKind, before, after);
  return { changed, replaces };
};

test('without changes the plan is the state', () => {
  expect(planUpdate(tunnel, state, inputs)).toEqual({ changed: [], replaces: [], planned: state });
});

test("a tunnel's secret and name are updated in place, and computed values become unknown", () => {
  const plan = planUpdate(tunnel, state, { ...inputs, tunnelSecret: 's2', name: 'two' });
  expect(plan).toMatchObject({ changed: ['name', 'tunnelSecret'], replaces: [] });
  expect(plan.planned).toMatchObject({ tunnelSecret: 's2', accountTag: unknownValue, status: unknownValue });
});

test('a change to the account, or to a given config source, replaces a tunnel', () => {
  expect(changes(tunnel, state, { ...inputs, accountId: 'b' })).toEqual({
    changed: ['accountId'],
    replaces: ['accountId'],
  });
  expect(changes(tunnel, state, { ...inputs, configSrc: 'cloudflare' }).replaces).toEqual(['configSrc']);
  const { configSrc: _, ...without } = inputs;
  // If it is not given, the provider's default applies.
  expect(changes(tunnel, { ...state, configSrc: 'cloudflare' }, without)).toEqual({
    changed: ['configSrc'],
    replaces: [],
  });
});

test('a change to the type or zone replaces a record, a change to the name or content does not', () => {
  const record = kind('DnsRecord');
  const before = {
    zoneId: 'z',
    name: 'a.b',
    type: 'CNAME',
    ttl: 1,
    content: 'x.y',
    proxied: true,
    comment: 'c',
    tags: [],
  };
  expect(changes(record, before, { ...before, type: 'TXT', zoneId: 'y' }).replaces).toEqual(['zoneId', 'type']);
  expect(changes(record, before, { ...before, name: 'b.b', content: 'z.y' })).toEqual({
    changed: ['name', 'content'],
    replaces: [],
  });
  const { comment: _c, proxied: _p, ...less } = before;
  // An optional property that is no longer given is removed; a computedOptional one keeps its value.
  expect(changes(record, before, less).changed).toEqual(['comment']);
});

test('a change to the id replaces a zone setting', () => {
  const before = { zoneId: 'z', settingId: 'ssl', value: 'full' };
  expect(changes(kind('ZoneSetting'), before, { ...before, value: 'strict' })).toEqual({
    changed: ['value'],
    replaces: [],
  });
  expect(changes(kind('ZoneSetting'), before, { ...before, settingId: 'tls_1_3' }).replaces).toEqual(['settingId']);
});

test('a token is updated in place, the order of its policies matters, and its planned value is unknown', () => {
  const token = kind('ApiToken');
  const policy = (id: string) => ({ effect: 'allow', permissionGroups: [{ id }], resources: '{}' });
  const before = { name: 'n', policies: [policy('1'), policy('2')], value: 'v' };
  const plan = planUpdate(token, before, { name: 'n', policies: [policy('2'), policy('1')] });
  expect(plan).toMatchObject({ changed: ['policies'], replaces: [], planned: { value: unknownValue } });
});

test("ignores the order of an Access policy's rules", () => {
  const rules = [{ email: { email: 'a@b.c' } }, { emailDomain: { domain: 'b.c' } }];
  const before = {
    accountId: 'a',
    name: 'n',
    decision: 'allow',
    includes: rules,
    excludes: [],
    sessionDuration: '24h',
  };
  const after = { accountId: 'a', name: 'n', decision: 'allow', includes: [...rules].reverse() };
  expect(changes(kind('ZeroTrustAccessPolicy'), before, after).changed).toEqual([]);
});

test('an unknown input counts as a change', () => {
  expect(changes(tunnel, state, { ...inputs, tunnelSecret: unknownValue }).changed).toEqual(['tunnelSecret']);
});

test('the plan of a new resource has inputs, defaults, and unknown computed values', () => {
  expect(planCreate(kind('ZeroTrustAccessPolicy'), { accountId: 'a', name: 'n', decision: 'allow' })).toEqual({
    accountId: 'a',
    name: 'n',
    decision: 'allow',
    sessionDuration: '24h',
    includes: unknownValue,
    excludes: unknownValue,
    requires: unknownValue,
    createdAt: unknownValue,
    reusable: unknownValue,
    updatedAt: unknownValue,
  });
});

test('rejects other kinds, naming them', () => {
  expect(() => kindOf('urn:pulumi:s::p::cloudflare:index/zone:Zone::x')).toThrow(
    `the lab's stand-in for the Cloudflare provider does not support cloudflare:index/zone:Zone ` +
      `(only ${Object.keys(kinds).join(', ')}); add it to lab/plugins/cloudflare/kinds.ts`,
  );
});
