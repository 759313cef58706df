import type { DriftContext } from '../../../../cli/drift/context';
import { checkEdge } from '../../../../cli/drift/edge/checkEdge';
import { tunnelRecords, zoneSettings } from '../../../../cluster/tunnel';
import type { ClusterWithCloudflare } from '../../../../cluster/definition';
import { permissionGroups } from '../../../../lab/services/cloudflare/permissionGroups';
import { CloudflareLab, rootToken, weakToken } from '../../../services/cloudflareLab';

/** Against the lab's stand-in, which no cloudflared connects to. */
const lab = new CloudflareLab();
const definition = {
  ...{ name: 'east', platform: 'site', domain: 'example.org', rotations: {} },
  cloudflare: { account: 'ours', ownsZone: true },
} as unknown as ClusterWithCloudflare;
let zone = '';
let account = '';
let tunnel = '';
const tokens: Record<string, string> = {};

const policies = (...names: string[]) => [
  {
    effect: 'allow',
    resources: { [`com.cloudflare.api.account.zone.${lab.zoneId('example.org')}`]: '*' },
    permission_groups: permissionGroups.filter(({ name }) => names.includes(name)).map(({ id }) => ({ id })),
  },
];

beforeAll(async () => {
  await lab.start();
  process.env.CLOUDFLARE_BASE_URL = `${lab.origin}/client/v4`;
  zone = `/zones/${lab.zoneId('example.org')}`;
  account = `/accounts/${lab.accountId('ours')}`;
  const secret = Buffer.alloc(32, 7).toString('base64');
  const made = await lab.call('POST', `${account}/cfd_tunnel`, {
    name: 'site-east',
    config_src: 'local',
    tunnel_secret: secret,
  });
  tunnel = made.result.id;
  for (const { resource: _, ...record } of tunnelRecords(definition)) {
    await lab.call('POST', `${zone}/dns_records`, { ...record, content: `${tunnel}.cfargotunnel.com` });
  }
  for (const [id, value] of Object.entries(zoneSettings)) await lab.call('PATCH', `${zone}/settings/${id}`, { value });
  for (const user of ['cert-manager', 'external-dns']) {
    const body = { name: `site east ${user}`, policies: policies('Zone Read', 'DNS Write') };
    tokens[user] = (await lab.call('POST', '/user/tokens', body)).result.id;
  }
});
afterAll(async () => {
  delete process.env.CLOUDFLARE_BASE_URL;
  await lab.stop();
});

const resource = (type: string, name: string, id: string, inputs: object = {}) => ({
  ...{ type, urn: `urn:pulumi:east::p::t::${name}`, id, inputs: inputs as Record<string, unknown> },
});
const state = () => ({
  deployment: {
    resources: [
      resource('platform:index:Tunnel', 'east', tunnel),
      resource('cloudflare:index/dnsRecord:DnsRecord', 'east-hostname', 'r', { name: 'external-east.example.org' }),
      resource('cloudflare:index/zoneSetting:ZoneSetting', 'east-ssl', 's', { settingId: 'ssl' }),
      ...Object.entries(tokens).map(([user, id]) =>
        resource('cloudflare:index/apiToken:ApiToken', `east-${user}`, id, { name: `site east ${user}` }),
      ),
    ],
  },
});
const context = (given: Partial<DriftContext> = {}): DriftContext =>
  ({
    ...{ stack: 'east', definition, signal: new AbortController().signal },
    // Nothing in the cluster reads the tunnel's token, so that no one connects to it.
    systems: { vaultFields: [], unknown: [] },
    secrets: { value: { cloudflareApiToken: rootToken } },
    state: { value: state() },
    kubernetes: () => Promise.resolve({ why: 'no cluster', todo: 'make one' }),
    ...given,
  }) as unknown as DriftContext;
const noCluster = {
  layer: 'edge',
  object: 'the addresses of Gateways and Services',
  why: 'no cluster',
  todo: 'make one',
};

test('as the program creates it, nothing is drift, with or without a state', async () => {
  const found = await checkEdge(context(), 1);
  // The token, account, zone and six permissions; the tunnel, two records, three settings, two tokens.
  expect(found).toEqual({ drift: [], couldNotTell: [noCluster], compared: 9 + 8 });
  const stateless = await checkEdge(context({ state: { why: 'no passphrase', todo: 'set it' } }), 1);
  expect(stateless).toEqual(found);
});

test('each tamper is found where it is, and named as what manages it', async () => {
  const [record] = (await lab.call('GET', `${zone}/dns_records?name=external-east.example.org`)).result;
  await lab.call('PATCH', `${zone}/dns_records/${record.id}`, { proxied: false });
  await lab.call('PATCH', `${zone}/settings/ssl`, { value: 'flexible' });
  const body = { name: 'site east external-dns', policies: policies('Zone Read', 'DNS Write', 'Zone Settings Write') };
  await lab.call('PUT', `/user/tokens/${tokens['external-dns']}`, body);
  await lab.call('DELETE', `/user/tokens/${tokens['cert-manager']}`);
  await lab.call('PATCH', `${account}/cfd_tunnel/${tunnel}`, { name: 'renamed' });
  const { drift } = await checkEdge(context(), 1);
  // Pulumi's own findings, which these hide, have the same fix.
  expect(drift.map(({ fix }) => fix?.describe)).toEqual(Array(5).fill('run pulumi up --refresh --stack east'));
  expect(drift.map(({ object, field, found, explains }) => [object, field, found, explains])).toEqual([
    ['tunnel site-east', undefined, undefined, ['resource platform:index:Tunnel east']],
    [
      ...['record external-east.example.org', 'proxied', 'false'],
      ['resource cloudflare:index/dnsRecord:DnsRecord east-hostname'],
    ],
    ['zone example.org', 'ssl', 'flexible', ['resource cloudflare:index/zoneSetting:ZoneSetting east-ssl']],
    [
      ...['token site east cert-manager', undefined, undefined],
      ['resource cloudflare:index/apiToken:ApiToken east-cert-manager'],
    ],
    [
      ...['token site east external-dns', 'policies', 'Zone Settings Write on zone example.org'],
      ['resource cloudflare:index/apiToken:ApiToken east-external-dns'],
    ],
  ]);
});

test('a tunnel without connections is drift where cloudflared runs', async () => {
  await lab.call('PATCH', `${account}/cfd_tunnel/${tunnel}`, { name: 'site-east' });
  const systems = { vaultFields: [{ title: 'kubernetes/east/cloudflared', field: 'token', by: {} }], unknown: [] };
  const { drift } = await checkEdge(context({ systems: systems as unknown as DriftContext['systems'] }), 1);
  expect(drift.filter(({ object }) => object === 'tunnel site-east').map(({ field, found }) => [field, found])).toEqual(
    [['status', 'inactive']],
  );
});

test('a token of the program that lacks a permission is drift, and what it can read is reported', async () => {
  const { drift, couldNotTell } = await checkEdge(
    context({ secrets: { value: { cloudflareApiToken: weakToken } } as never }),
    1,
  );
  expect(drift[0]).toMatchObject({
    ...{ id: 'cloudflare-token', object: 'token cloudflareApiToken', owner: 'people' },
    why: 'Cloudflare permission Zone / DNS / Edit: the token lacks it',
  });
  expect(couldNotTell.map(({ object }) => object)).toEqual([
    'record external-east.example.org',
    'record external.example.org',
    noCluster.object,
  ]);
});

test.each([
  ['no secrets', { why: 'no passphrase', todo: 'set it' }, 'no passphrase'],
  ['no token', { value: { cloudflareApiToken: '' } }, 'the stack has no cloudflareApiToken'],
])('with %s, nothing of Cloudflare is reported', async (_, secrets, why) => {
  const { drift, couldNotTell } = await checkEdge(context({ secrets: secrets as never }), 1);
  expect(drift).toEqual([]);
  expect(couldNotTell).toMatchObject([{ object: 'everything in Cloudflare', why }, noCluster]);
});

test('a token that Cloudflare does not know is drift, and nothing else is reported', async () => {
  const secrets = { value: { cloudflareApiToken: 'x'.repeat(40) } } as never;
  const { drift, couldNotTell } = await checkEdge(context({ secrets }), 1);
  expect(drift.map(({ id, object }) => [id, object])).toEqual([['cloudflare-token', 'token cloudflareApiToken']]);
  expect(couldNotTell.map(({ object }) => object)).toEqual(['everything in Cloudflare', noCluster.object]);
});

test('a stack without the section compares and says nothing of Cloudflare', async () => {
  const { cloudflare: _, ...without } = definition;
  const found = await checkEdge(context({ definition: without, secrets: { value: {} } as never }), 1);
  expect(found).toEqual({ drift: [], couldNotTell: [noCluster], compared: 0 });
});
