import { withoutExplained } from '../../../../cli/drift/causes';
import type { DriftContext } from '../../../../cli/drift/context';
import { checkSecrets } from '../../../../cli/drift/secrets/checkSecrets';
import type { ExportedState } from '../../../../cli/stack/exportedState';
import { KubernetesClient } from '../../../../clients/kubernetes/client';
import { parseKubeconfig } from '../../../../clients/kubernetes/kubeconfig';
import type { ClusterDefinition } from '../../../../cluster/definition';
import { FakeApi } from '../../../clients/support/fakeApi';
import { FakeConnect, tokens } from '../../../clients/support/fakeConnect';

let api: FakeApi;
let client: KubernetesClient;
let connect: FakeConnect;
beforeAll(async () => {
  api = await FakeApi.start();
  client = new KubernetesClient(parseKubeconfig(api.kubeconfig));
  connect = await FakeConnect.start([
    { title: 'kubernetes/east/flux', fields: { 'webhook-token': 'generated' } },
    { title: 'kubernetes/east/shop', fields: { password: 'a secret password' } },
  ]);
});
afterAll(async () => {
  client.close();
  await Promise.all([api.stop(), connect.stop()]);
});

const stack = 'east';
const state: ExportedState = {
  deployment: {
    resources: [
      { type: 'pulumi:pulumi:Stack', urn: 'urn:a::b::c::d', outputs: { secretAges: {} } },
      {
        ...{ type: 'platform:index:GeneratedSecret', urn: 'urn:pulumi:east::p::t::east-webhook-token' },
        outputs: { title: 'kubernetes/east/flux', field: 'webhook-token', value: { plaintext: '"generated"' } },
      },
    ],
  },
};
const definition = (host: string) =>
  ({
    name: stack,
    connect: { host, vault: 'k8s-gitops', tokenSecret: 'connect-token' },
    generated: ['webhookToken'],
    authorities: [],
    writersOfOthers: [],
  }) as unknown as ClusterDefinition;
const context = (given: Partial<DriftContext> = {}): DriftContext =>
  ({
    ...{ stack, definition: definition(connect.host), systems: { vaultFields: [] } },
    secrets: { value: { connectToken: tokens.reads, connectWriteToken: tokens.writes, cloudflareApiToken: '' } },
    state: { value: state },
    kubernetes: () => Promise.resolve({ value: client }),
    signal: new AbortController().signal,
    ...given,
  }) as unknown as DriftContext;

const external = '/apis/external-secrets.io/v1';
const shop = (status: string) => ({
  metadata: { name: 'shop', namespace: 'web' },
  spec: {
    ...{ refreshInterval: '1h', secretStoreRef: { kind: 'ClusterSecretStore', name: 'vault' } },
    data: [{ secretKey: 'password', remoteRef: { key: 'kubernetes/east/shop', property: 'password' } }],
  },
  status: {
    refreshTime: new Date().toISOString(),
    conditions: [{ type: 'Ready', status, message: status === 'True' ? 'secret synced' : 'no provider' }],
  },
});
/** The cluster; each read of ExternalSecrets takes the next status. */
const cluster = (given: { statuses?: string[]; token?: string; password?: string } = {}): FakeApi['handler'] => {
  const statuses = [...(given.statuses ?? ['True'])];
  const values: Record<string, Record<string, string>> = {
    'external-secrets/secrets/connect-token': { token: Buffer.from(given.token ?? tokens.reads).toString('base64') },
    'web/secrets/shop': { [given.password ?? 'password']: 'eA==' },
  };
  return ({ path }) => {
    if (path === `${external}/externalsecrets`) {
      const status = (statuses.length > 1 ? statuses.shift() : statuses[0]) ?? 'True';
      return { body: { items: [shop(status)] } };
    }
    if (path.startsWith(`${external}/`)) return { body: { items: [] } };
    const data = values[path.replace('/api/v1/namespaces/', '')];
    return data && { body: { data } };
  };
};

test('a stack as it should be is silent', async () => {
  api.handler = cluster();
  const { drift, couldNotTell, compared } = await checkSecrets(context(), 1);
  expect({ drift, couldNotTell }).toEqual({ drift: [], couldNotTell: [] });
  // An ExternalSecret, its Secret and the Connect token's; the four checks of Connect; its items; both tokens.
  expect(compared).toBeGreaterThanOrEqual(3 + 4 + 2 + 2);
});

test('what is wrong for a moment reports nothing', async () => {
  api.handler = cluster({ statuses: ['False', 'True'] });
  expect((await checkSecrets(context(), 1)).drift).toEqual([]);
  api.handler = cluster({ statuses: ['False', 'False'] });
  expect((await checkSecrets(context(), 1)).drift.map(({ object }) => object)).toEqual(['ExternalSecret web/shop']);
});

test('what failed is reported with the reason in the latest event', async () => {
  const whole = cluster({ statuses: ['False'] });
  const events = [
    { message: 'the reason now', lastTimestamp: '2026-11-29T12:00:00Z' },
    { message: 'an earlier one', lastTimestamp: '2026-11-29T11:00:00Z' },
  ];
  api.handler = (request) => {
    if (request.path !== '/api/v1/namespaces/web/events') return whole(request);
    expect(request.query.fieldSelector).toBe(
      'type=Warning,involvedObject.kind=ExternalSecret,involvedObject.name=shop',
    );
    return { body: { items: events } };
  };
  const { drift } = await checkSecrets(context(), 1);
  expect(drift.map(({ why }) => why)).toEqual([expect.stringMatching(/^no provider; .*: the reason now$/)]);
  api.handler = (request) => (request.path.endsWith('/events') ? { status: 403, body: {} } : whole(request));
  expect((await checkSecrets(context(), 1)).drift.map(({ object }) => object)).toEqual(['ExternalSecret web/shop']);
});

test('a store that is not ready explains who uses it, and a Secret that it needs explains the store', async () => {
  const whole = cluster({ statuses: ['False'], token: 'another token' });
  const reference = { name: 'connect-token', namespace: 'external-secrets' };
  const store = {
    metadata: { name: 'vault' },
    spec: { provider: { onepassword: { auth: { secretRef: { connectTokenSecretRef: reference } } } } },
    status: { conditions: [{ type: 'Ready', status: 'False', message: 'unable to validate store' }] },
  };
  api.handler = (request) =>
    request.path === `${external}/clustersecretstores` ? { body: { items: [store] } } : whole(request);
  const { drift } = await checkSecrets(context(), 1);
  expect(drift.map(({ object, explains }) => [object, explains])).toEqual([
    ['ClusterSecretStore vault', ['ExternalSecret web/shop']],
    ['ExternalSecret web/shop', ['Secret web/shop']],
    ['Secret external-secrets/connect-token', ['ClusterSecretStore vault']],
  ]);
  expect(withoutExplained(drift).map(({ object }) => object)).toEqual(['Secret external-secrets/connect-token']);
});

test('each tamper is one finding, and no secret is in it', async () => {
  api.handler = cluster({ token: 'another token', password: 'passwort' });
  const { drift } = await checkSecrets(context(), 1);
  expect(drift.map(({ id, object, field }) => [id, object, field])).toEqual([
    ['target-secret', 'Secret web/shop', 'data.password'],
    ['seeded-secret', 'Secret external-secrets/connect-token', 'data.token'],
  ]);
  const text = JSON.stringify(drift);
  for (const value of [tokens.reads, 'another token']) {
    expect(text).not.toContain(value);
    expect(text).not.toContain(Buffer.from(value).toString('base64'));
  }
});

test('without Connect, the items could not be told, and the rest is reported', async () => {
  api.handler = cluster({ statuses: ['False'], token: 'another token' });
  const host = 'http://127.0.0.1:9';
  const { drift, couldNotTell } = await checkSecrets(context({ definition: definition(host) }), 1);
  expect(drift.map(({ object }) => object)).toEqual([
    'ExternalSecret web/shop',
    'Secret external-secrets/connect-token',
  ]);
  expect(couldNotTell.map(({ object }) => object)).toEqual(['the items of vault k8s-gitops']);
});

test('without the cluster, the vault is compared, also with what Git reads there', async () => {
  const kubernetes = () => Promise.resolve({ why: 'down', todo: 'repair it' });
  const by = { kustomization: 'shop', place: 'a.yaml:1' };
  const systems = { vaultFields: [{ title: 'kubernetes/east/gone', field: 'x', by }] };
  const found = await checkSecrets(context({ kubernetes, systems: systems as unknown as DriftContext['systems'] }), 1);
  expect(found.couldNotTell).toEqual([
    { layer: 'secrets', object: 'the secrets in the cluster', why: 'down', todo: 'repair it' },
  ]);
  expect(found.drift.map(({ object, why }) => [object, why])).toEqual([['item kubernetes/east/gone', 'is missing']]);
});

test('without state and secrets, what the cluster says is reported', async () => {
  api.handler = cluster({ statuses: ['False'] });
  const unknown = { why: 'no passphrase', todo: 'set it' };
  const { drift, couldNotTell } = await checkSecrets(context({ state: unknown, secrets: unknown }), 1);
  expect(drift.map(({ object }) => object)).toEqual(['ExternalSecret web/shop']);
  expect(couldNotTell.map(({ object, why }) => [object, why])).toEqual([
    ['the Secrets that the program created', 'no passphrase'],
    ['the items of vault k8s-gitops', 'no passphrase'],
    ['the ages of generated secrets', 'no passphrase'],
  ]);
});

test('an API server that refuses what a reader may not read is not drift', async () => {
  const whole = cluster();
  api.handler = (request) =>
    request.path.includes('/secrets/') ? { status: 403, body: { message: 'forbidden' } } : whole(request);
  const { drift, couldNotTell } = await checkSecrets(context(), 1);
  expect(drift).toEqual([]);
  expect(couldNotTell.map(({ object }) => object)).toEqual([
    'the Secrets of ExternalSecrets',
    'Secret external-secrets/connect-token',
  ]);
});
