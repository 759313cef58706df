import { unreachableConnect } from '../../../../cli/drift/secrets/checkSecrets';
import type { Drift } from '../../../../cli/drift/drift';
import type { StoredField } from '../../../../cli/drift/secrets/storedFields';
import type { SyncObject } from '../../../../cli/drift/secrets/syncs';
import { evaluateConnectChecks, evaluateItems, itemsNeeded, objectsOfGit } from '../../../../cli/drift/secrets/vault';
import { failed, ok, skipped } from '../../../../cli/preflight/checkResult';
import { connectChecks } from '../../../../cli/preflight/vault/evaluateConnect';
import type { Item } from '../../../../clients/onepassword/connectClient';
import type { ClusterDefinition } from '../../../../cluster/definition';
import type { Json } from '../../../../gitops/kubernetesObject';

const connect = { host: 'https://connect.example', vault: 'v', tokenSecret: 'connect-token' };
const definition = {
  name: 'east',
  connect,
  generated: ['webhookToken'],
  authorities: [],
  writersOfOthers: [],
} as unknown as ClusterDefinition;
const item = (title: string, fields: Record<string, string>): Item => ({
  ...{ id: 'i1', title, version: 1, createdAt: '2026-01-01T00:00:00Z' },
  fields: Object.entries(fields).map(([label, value]) => ({ label, value })),
});
const object = (kind: SyncObject['kind'], name: string, spec: Record<string, Json>): SyncObject => ({
  ...{ apiVersion: 'external-secrets.io/v1', kind, spec },
  metadata: { name, ...(kind === 'ExternalSecret' && { namespace: 'web' }) },
});
const secretStoreRef = { kind: 'ClusterSecretStore', name: 'vault' };
const shop = object('ExternalSecret', 'shop', {
  secretStoreRef,
  data: [{ remoteRef: { key: 'kubernetes/east/shop', property: 'password' } }],
});
const receiver = object('ExternalSecret', 'webhook', {
  secretStoreRef,
  data: [{ remoteRef: { key: 'kubernetes/east/flux', property: 'webhook-token' } }],
});
const store = object('ClusterSecretStore', 'vault', { provider: { onepassword: { connectHost: connect.host } } });
const webhook: StoredField = {
  ...{ resource: 'resource t east-webhook-token', title: 'kubernetes/east/flux', field: 'webhook-token' },
  ...{ matches: (value) => value === 'generated', todo: { missing: 'store it', changed: 'take it over' } },
};

describe('the items of the vault', () => {
  const needed = itemsNeeded(definition, [shop, receiver], [webhook]);
  const evaluate = (items: Record<string, Item[] | Error>) =>
    evaluateItems(definition, needed, [webhook], new Map(Object.entries(items)), [shop, receiver]);
  const complete = {
    'kubernetes/east/shop': [item('kubernetes/east/shop', { password: 'x' })],
    'kubernetes/east/flux': [item('kubernetes/east/flux', { 'webhook-token': 'generated' })],
  };

  test('needed are those that the cluster reads; the fields of the state are compared with it', () => {
    expect(needed.find(({ title }) => title === 'kubernetes/east/shop')).toEqual({
      ...{ title: 'kubernetes/east/shop', allFields: false },
      fields: [{ field: 'password', createdBy: 'user' }],
    });
    expect(needed.map(({ title }) => title)).not.toContain('kubernetes/east/flux');
    // Without a state, they must at least have their shape.
    expect(itemsNeeded(definition, [shop], undefined).map(({ title }) => title)).toContain('kubernetes/east/flux');
  });

  test('complete, they report nothing', () => {
    expect(evaluate(complete)).toEqual({ drift: [], couldNotTell: [] });
  });

  test('one that is missing explains who reads it', () => {
    expect(evaluate({ ...complete, 'kubernetes/east/shop': [] }).drift).toEqual([
      {
        ...{ id: 'vault-item', layer: 'secrets', owner: 'people', object: 'item kubernetes/east/shop' },
        ...{ why: 'is missing', todo: 'create it in the vault v with field password' },
        explains: ['ExternalSecret web/shop'],
      },
    ]);
  });

  test('one that the program must have stored also explains its resource', () => {
    expect(evaluate({ ...complete, 'kubernetes/east/flux': [] }).drift).toEqual([
      {
        ...{ id: 'vault-item', layer: 'secrets', owner: 'Pulumi', object: 'item kubernetes/east/flux' },
        ...{ why: 'is missing in the vault v', todo: 'store it' },
        explains: ['resource t east-webhook-token', 'ExternalSecret web/webhook'],
      },
    ]);
  });

  test('one that could not be read hides no other', () => {
    expect(
      evaluate({ ...complete, 'kubernetes/east/shop': new Error('busy'), 'kubernetes/east/flux': [] }),
    ).toMatchObject({
      drift: [{ object: 'item kubernetes/east/flux' }],
      couldNotTell: [{ layer: 'secrets', object: 'item kubernetes/east/shop', why: 'busy', todo: 'run drift again' }],
    });
  });

  test('are those of Git if the cluster cannot be read', () => {
    const by = { kustomization: 'shop', place: 'a.yaml:1' };
    const vaultFields = [
      { title: 'a', field: 'x', by },
      { title: 'b', field: '*', by },
    ];
    const titles = itemsNeeded(definition, objectsOfGit({ vaultFields }), undefined);
    expect(titles.filter(({ title }) => ['a', 'b'].includes(title))).toEqual([
      { title: 'a', allFields: false, fields: [{ field: 'x', createdBy: 'user' }] },
      { title: 'b', allFields: true, fields: [] },
    ]);
  });
});

describe('1Password Connect', () => {
  const [server, read, write, vault] = [
    connectChecks.server(connect.host),
    connectChecks.readToken,
    connectChecks.writeToken,
    connectChecks.vault('v'),
  ];
  const items = { layer: 'secrets', object: 'the items of vault v' };

  test('that responds and takes both tokens reports nothing', () => {
    const results = [ok(server, 'responds'), ok(read, 'accepted'), ok(write, 'accepted'), ok(vault, 'exists')];
    expect(evaluateConnectChecks(results, connect)).toEqual({ drift: [], readable: true, couldNotTell: [] });
  });

  test('that does not respond leaves the items untold', () => {
    const results = [failed(server, 'does not respond: refused', 'start it'), skipped(read, ''), skipped(vault, '')];
    const why = '1Password Connect https://connect.example does not respond: refused';
    expect(evaluateConnectChecks(results, connect)).toEqual({
      ...{ drift: [], readable: false },
      couldNotTell: [{ ...items, why, todo: 'start it' }],
    });
  });

  test('that refuses a token is drift, and one that fails otherwise is not told', () => {
    const refused = '1Password Connect at x refused GET of vault v: 401 Invalid bearer token';
    const results = [ok(server, ''), failed(read, refused, 'correct it'), ok(write, ''), ok(vault, '')];
    expect(evaluateConnectChecks(results, connect)).toEqual({
      readable: false,
      drift: [
        {
          ...{ id: 'vault-access', layer: 'secrets', owner: 'people', object: 'token connectToken' },
          ...{ why: refused, todo: 'correct it' },
        },
      ],
      couldNotTell: [{ ...items, why: 'connectToken does not read it', todo: 'correct that token' }],
    });
    const broken = '1Password Connect at x refused GET of vault v: 500 oops';
    expect(
      evaluateConnectChecks([ok(server, ''), ok(read, ''), failed(write, broken, 'f'), ok(vault, '')], connect),
    ).toEqual({
      ...{ drift: [], readable: true },
      couldNotTell: [{ layer: 'secrets', object: 'token connectWriteToken', why: broken, todo: 'f' }],
    });
  });

  test('the expiry of a token comes from the token itself', () => {
    const results = [ok(server, ''), ok(read, ''), failed(write, 'the token expired at x', 'f'), ok(vault, '')];
    expect(evaluateConnectChecks(results, connect)).toEqual({ drift: [], readable: true, couldNotTell: [] });
  });

  test('that does not respond explains once what fails in the cluster', () => {
    const finding = (id: string, name: string): Drift => ({
      ...{ id, layer: 'secrets', owner: 'external-secrets', object: name, todo: 'x' },
    });
    const drift = [
      finding('external-secret', 'ExternalSecret web/shop'),
      finding('secret-store', 'ClusterSecretStore vault'),
    ];
    expect(unreachableConnect(connect.host, 'does not respond', drift, [store, shop, receiver])).toEqual([
      {
        ...{ id: 'connect-unreachable', layer: 'secrets', owner: 'people', why: 'does not respond' },
        ...{ object: '1Password Connect https://connect.example', todo: 'start it: docs/connect.md' },
        explains: ['ClusterSecretStore vault', 'ExternalSecret web/shop'],
      },
    ]);
    expect(unreachableConnect(connect.host, 'does not respond', [], [store, shop])).toEqual([]);
    expect(unreachableConnect('https://another', 'does not respond', drift, [store, shop])).toEqual([]);
  });
});
