import { unknownValue } from '@pulumi/pulumi/runtime/rpc';
import { readApiConfig } from '../../lab/plugins/cloudflare/api';
import { CloudflareStandIn } from '../../lab/plugins/cloudflare/standIn';
import { isSecret, plain, secret, type Properties } from '../../lab/plugins/provider/properties';
import { CloudflareLab, rootToken, weakToken } from '../services/cloudflareLab';

const urn = (name: string): string =>
  `urn:pulumi:s::p::cloudflare:index/${name[0]?.toLowerCase() ?? ''}${name.slice(1)}:${name}::x`;
const tunnelUrn = urn('ZeroTrustTunnelCloudflared');
const recordUrn = urn('DnsRecord');
const settingUrn = urn('ZoneSetting');
const tokenUrn = urn('ApiToken');
const policyUrn = urn('ZeroTrustAccessPolicy');
const appUrn = urn('ZeroTrustAccessApplication');

const lab = new CloudflareLab();
const warnings: string[] = [];
let account = '';
let zone = '';

beforeAll(async () => {
  await lab.start();
  account = lab.accountId('ours');
  zone = lab.zoneId('example.org');
});
afterAll(() => lab.stop());
beforeEach(() => warnings.splice(0));

function provider(apiToken = rootToken): CloudflareStandIn {
  const standIn = new CloudflareStandIn();
  standIn.log = (severity, _urn, message) => warnings.push(`${severity}: ${message}`);
  standIn.configure({ 'cloudflare:config:apiToken': apiToken, 'cloudflare:config:baseUrl': lab.baseUrl });
  return standIn;
}
const expectNoDrift = async (
  standIn: CloudflareStandIn,
  at: string,
  id: string,
  state: Properties,
  inputs: Properties,
) => {
  const read = await standIn.read(at, id, state, inputs);
  expect(plain(read.inputs)).toEqual(plain(inputs));
  expect(standIn.diff(at, read.state, inputs)).toEqual({ changed: [], replaces: [] });
  return read;
};

describe('a tunnel', () => {
  const tunnelSecret = secret(Buffer.alloc(32, 1).toString('base64'));
  const inputs = (name: string): Properties => ({ accountId: account, name, configSrc: 'local', tunnelSecret });

  test('is created, read without drift, given another secret in place, and deleted', async () => {
    const standIn = provider();
    const { id, state } = await standIn.create(tunnelUrn, inputs('one'), false);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(state).toMatchObject({ accountTag: account, tunType: 'cfd_tunnel', metadata: '{}', remoteConfig: false });
    expect(isSecret(state.tunnelSecret)).toBe(true);
    await expectNoDrift(standIn, tunnelUrn, id, state, inputs('one'));

    const other = Buffer.alloc(32, 2).toString('base64');
    const news = { ...inputs('one'), tunnelSecret: secret(other) };
    expect(standIn.diff(tunnelUrn, state, news)).toEqual({ changed: ['tunnelSecret'], replaces: [] });
    const after = await standIn.update(tunnelUrn, id, state, news, false);
    expect(after.tunnelSecret).toEqual(secret(other));
    expect(lab.state().accounts[0]?.tunnels[0]).toMatchObject({ id, secret: other });

    await standIn.delete(tunnelUrn, id, after);
    expect(lab.state().accounts[0]?.tunnels[0]?.deleted_at).toEqual(expect.any(String));
  });

  test('does not detect a change to its secret outside the program', async () => {
    const standIn = provider();
    const { id, state } = await standIn.create(tunnelUrn, inputs('two'), false);
    const tunnel_secret = Buffer.alloc(32, 9).toString('base64');
    await lab.call('PATCH', `/accounts/${account}/cfd_tunnel/${id}`, { tunnel_secret });
    await expectNoDrift(standIn, tunnelUrn, id, state, inputs('two'));
  });

  test('is still found after deletion in the dashboard', async () => {
    const standIn = provider();
    const { id, state } = await standIn.create(tunnelUrn, inputs('three'), false);
    await lab.call('DELETE', `/accounts/${account}/cfd_tunnel/${id}`);
    const read = await expectNoDrift(standIn, tunnelUrn, id, state, inputs('three'));
    expect(read.state.deletedAt).toEqual(expect.any(String));
  });

  test('is never adopted if its name already exists', async () => {
    await provider().create(tunnelUrn, inputs('four'), false);
    await expect(provider().create(tunnelUrn, inputs('four'), false)).rejects.toThrow(
      `failed to make http request: POST "${lab.baseUrl}/accounts/${account}/cfd_tunnel": 409 Conflict {"success":false,"errors":[{"code":1013,`,
    );
  });
});

describe('a record', () => {
  const inputs = (name: string): Properties => ({
    zoneId: zone,
    name: `${name}.example.org`,
    type: 'CNAME',
    content: 'x.cfargotunnel.com',
    proxied: true,
    ttl: 1,
    comment: 'ours',
  });

  test('a refresh detects drift, and the next update corrects it', async () => {
    const standIn = provider();
    const { id, state } = await standIn.create(recordUrn, inputs('a'), false);
    expect(state).toMatchObject({ proxiable: true, tags: [], meta: '{}' });
    await expectNoDrift(standIn, recordUrn, id, state, inputs('a'));
    await lab.call('PATCH', `/zones/${zone}/dns_records/${id}`, { content: 'evil.example.net' });
    const drifted = await standIn.read(recordUrn, id, state, inputs('a'));
    expect(drifted.inputs.content).toBe('evil.example.net');
    expect(standIn.diff(recordUrn, drifted.state, inputs('a'))).toEqual({ changed: ['content'], replaces: [] });
    const corrected = await standIn.update(recordUrn, id, drifted.state, inputs('a'), false);
    await expectNoDrift(standIn, recordUrn, id, corrected, inputs('a'));
  });

  test('a missing record counts as deleted on refresh, and deleting it fails', async () => {
    const standIn = provider();
    const { id, state } = await standIn.create(recordUrn, inputs('b'), false);
    await lab.call('DELETE', `/zones/${zone}/dns_records/${id}`);
    expect(await standIn.read(recordUrn, id, state, inputs('b'))).toEqual({ id: '', inputs: {}, state: {} });
    expect(warnings).toEqual(['warning: Resource not found: it will be removed from the state']);
    await expect(standIn.delete(recordUrn, id, state)).rejects.toThrow(/: 404 Not Found .*"code":81044/);
  });

  test("a conflict fails with Cloudflare's error code", async () => {
    const standIn = provider();
    await standIn.create(recordUrn, inputs('c'), false);
    await expect(standIn.create(recordUrn, { ...inputs('c'), content: 'y.z' }, false)).rejects.toThrow(
      /: 400 Bad Request .*81053/,
    );
  });

  test('fails if the token lacks the permission, also on refresh', async () => {
    const { id, state } = await provider().create(recordUrn, inputs('d'), false);
    const weak = provider(weakToken);
    await expect(weak.create(recordUrn, inputs('e'), false)).rejects.toThrow(
      /: 403 Forbidden .*"code":10000,"message":"Authentication error"/,
    );
    await expect(weak.read(recordUrn, id, state, inputs('d'))).rejects.toThrow(/403 Forbidden/);
  });

  test('can be imported by zone and id', async () => {
    const standIn = provider();
    const { id } = await standIn.create(recordUrn, inputs('f'), false);
    const read = await standIn.read(recordUrn, `${zone}/${id}`, {}, {});
    expect(read.id).toBe(id);
    expect(read.inputs).toMatchObject(inputs('f'));
    await expect(standIn.read(recordUrn, id, {}, {})).rejects.toThrow(
      `invalid ID "${id}" for cloudflare:index/dnsRecord:DnsRecord: expected <zoneId>/<id>`,
    );
  });
});

test('a zone setting has its name as id, and deleting the resource does not reset it', async () => {
  const standIn = provider();
  const inputs = { zoneId: zone, settingId: 'ssl', value: 'strict' };
  const { id, state } = await standIn.create(settingUrn, inputs, false);
  expect(id).toBe('ssl');
  expect(state).toEqual({ ...inputs, id, editable: true, modifiedOn: expect.any(String) });
  await expectNoDrift(standIn, settingUrn, id, state, inputs);
  await lab.call('PATCH', `/zones/${zone}/settings/ssl`, { value: 'off' });
  const drifted = await standIn.read(settingUrn, id, state, inputs);
  expect(standIn.diff(settingUrn, drifted.state, inputs).changed).toEqual(['value']);
  await standIn.update(settingUrn, id, drifted.state, inputs, false);
  await standIn.delete(settingUrn, id, state);
  expect((await lab.call('GET', `/zones/${zone}/settings/ssl`)).result.value).toBe('strict');
  expect(warnings).toEqual([
    'warning: This resource cannot be destroyed: the value set here will remain in Cloudflare',
    'warning: Removed from the state only: the value remains in Cloudflare',
  ]);
});

describe('an API token', () => {
  const inputs = (name: string): Properties => ({
    name,
    policies: [
      {
        effect: 'allow',
        // Not in Cloudflare's order.
        permissionGroups: [{ id: 'c8fed203ed3043cba015a93ad1616f1f' }, { id: '4755a26eedb94da69e1066d98aa820be' }],
        resources: JSON.stringify({ [`com.cloudflare.api.account.zone.${zone}`]: '*' }),
      },
    ],
  });

  test('has a secret value that is returned only once and kept in the state', async () => {
    const standIn = provider();
    const { id, state } = await standIn.create(tokenUrn, inputs('t1'), false);
    expect(isSecret(state.value)).toBe(true);
    const value = plain(state.value) as string;
    expect((await lab.call('GET', '/zones', undefined, value)).result).toHaveLength(1);
    const read = await expectNoDrift(standIn, tokenUrn, id, state, inputs('t1'));
    expect(read.state.value).toEqual(secret(value));
    const updated = await standIn.update(tokenUrn, id, read.state, inputs('t2'), false);
    expect(updated).toMatchObject({ name: 't2', value: secret(value) });
    await standIn.delete(tokenUrn, id, updated);
    expect((await standIn.read(tokenUrn, id, updated, inputs('t2'))).id).toBe('');
  });

  test('counts as deleted when it has expired', async () => {
    const standIn = provider();
    const { id, state } = await standIn.create(tokenUrn, inputs('t3'), false);
    const [token] = lab.state().tokens.filter((candidate) => candidate.id === id);
    if (token === undefined) throw new Error('the token was not stored');
    await lab.stop();
    lab.config.tokens.push({ name: 't3', value: token.value, expiresOn: '2020-01-01T00:00:00Z' });
    await lab.start();
    const expired = lab.state().tokens.find(({ value, seeded }) => seeded && value === token.value);
    const fresh = provider();
    expect((await fresh.read(tokenUrn, expired?.id ?? '', state, inputs('t3'))).id).toBe('');
    expect(warnings).toEqual(['warning: Token expired or revoked: it will be removed from the state']);
  });

  test('fails if the resources of a policy are not JSON', async () => {
    const [policy] = inputs('x').policies as Properties[];
    const broken = { name: 'x', policies: [{ ...policy, resources: 'all' }] };
    await expect(provider().create(tokenUrn, broken, false)).rejects.toThrow(
      'Invalid JSON: String must be a valid JSON: all',
    );
  });
});

test('an Access policy and its application are created, read without drift, and deleted in order', async () => {
  const standIn = provider();
  const policyInputs: Properties = {
    accountId: account,
    name: 'people',
    decision: 'allow',
    includes: [{ emailDomain: { domain: 'example.org' } }, { email: { email: 'a@example.org' } }],
  };
  const policy = await standIn.create(policyUrn, policyInputs, false);
  expect(policy.state).toMatchObject({ sessionDuration: '24h', excludes: [], requires: [] });
  expect(policy.state.approvalRequired).toBeUndefined();
  await expectNoDrift(standIn, policyUrn, policy.id, policy.state, policyInputs);

  const appInputs: Properties = {
    accountId: account,
    name: 'apps',
    type: 'self_hosted',
    destinations: [{ type: 'public', uri: 'grafana.example.org' }],
    policies: [{ id: policy.id, precedence: 1 }],
  };
  const app = await standIn.create(appUrn, appInputs, false);
  expect(app.state).toMatchObject({
    domain: 'grafana.example.org',
    aud: expect.any(String),
    httpOnlyCookieAttribute: true,
  });
  await expectNoDrift(standIn, appUrn, app.id, app.state, appInputs);
  await expect(standIn.delete(policyUrn, policy.id, policy.state)).rejects.toThrow(/in use by an application/);
  await standIn.delete(appUrn, app.id, app.state);
  await standIn.delete(policyUrn, policy.id, policy.state);
});

test('a preview makes no API calls, has unknown computed values, and keeps secrets', async () => {
  const standIn = provider('nobody-knows-this-token-but-it-could-be-1');
  const inputs = { accountId: unknownValue, name: 'n', tunnelSecret: secret(unknownValue) };
  const { id, state } = await standIn.create(tunnelUrn, inputs, true);
  expect(id).toBe('');
  expect(state).toMatchObject({
    name: 'n',
    configSrc: 'local',
    accountTag: unknownValue,
    tunnelSecret: secret(unknownValue),
  });
  const known = { accountId: 'a', configSrc: 'local', name: 'n', tunnelSecret: secret('s') };
  expect(await standIn.update(tunnelUrn, 'id', known, { ...known, name: 'm' }, true)).toMatchObject({
    name: 'm',
    status: unknownValue,
  });
});

test('check reports missing, unsupported and invalid properties', () => {
  const { failures } = provider().check(recordUrn, { zoneId: 'z', name: 'a', type: 'A', data: {}, createdOn: 'now' });
  expect(failures).toEqual([
    { property: 'ttl', reason: 'Missing required argument' },
    {
      property: 'data',
      reason: "is not supported by the lab's stand-in for the Cloudflare provider",
    },
    {
      property: 'createdOn',
      reason: "is not supported by the lab's stand-in for the Cloudflare provider",
    },
  ]);
  const proxied = { zoneId: 'z', name: 'a', type: 'A', ttl: 60, proxied: true };
  expect(provider().check(recordUrn, proxied).failures).toEqual([
    {
      property: '',
      reason: 'ttl must be set to 1 when `proxied` is true: Cloudflare controls the TTL of such a record itself',
    },
  ]);
});

describe('functions', () => {
  test('look up accounts, zones and permission groups', async () => {
    const standIn = provider();
    const { results: accounts } = await standIn.invoke('cloudflare:index/getAccounts:getAccounts', { name: 'ours' });
    expect(accounts).toMatchObject([{ id: account, name: 'ours', createdOn: expect.any(String) }]);
    const found = await standIn.invoke('cloudflare:index/getZones:getZones', {
      name: 'example.org',
      account: { id: account },
    });
    expect(found).toMatchObject({
      match: 'all',
      results: [{ id: zone, name: 'example.org', account: { id: account } }],
    });
    const none = await standIn.invoke('cloudflare:index/getZones:getZones', { name: 'other.org' });
    expect(none.results).toEqual([]);
    const groups = await standIn.invoke(
      'cloudflare:index/getApiTokenPermissionGroupsList:getApiTokenPermissionGroupsList',
      {},
    );
    expect(groups.results).toContainEqual({
      id: '4755a26eedb94da69e1066d98aa820be',
      name: 'DNS Write',
      scopes: ['com.cloudflare.api.account.zone'],
    });
  });

  test('rejects other functions, naming them', async () => {
    await expect(provider().invoke('cloudflare:index/getZone:getZone', {})).rejects.toThrow(
      /^the lab's stand-in for the Cloudflare provider does not support the function cloudflare:index\/getZone:getZone \(only /,
    );
  });
});

describe('the provider configuration', () => {
  test('falls back to the environment', () => {
    expect(readApiConfig({}, { CLOUDFLARE_API_TOKEN: rootToken })).toEqual({
      apiToken: rootToken,
      baseUrl: 'https://api.cloudflare.com/client/v4',
    });
  });

  test('fails if the token is missing or malformed', () => {
    expect(() => readApiConfig({}, {})).toThrow(
      'must provide exactly one of "api_key", "api_token" or "api_user_service_key"; the lab supports only "api_token"',
    );
    expect(() => readApiConfig({ 'cloudflare:config:apiToken': 'short!' }, {})).toThrow(
      'API tokens must only contain characters a-z, A-Z, 0-9, hyphens and underscores, and be 40 to 80 characters long',
    );
  });
});
