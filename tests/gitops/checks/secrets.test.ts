import { programFacts } from '../../../cluster/programFacts';
import { externalSecretKey, externalSecretStale } from '../../../gitops/checks/security/externalSecrets';
import {
  pushSecretReadsOnly,
  secretStoreElsewhere,
  secretStoreMissing,
} from '../../../gitops/checks/security/secretStores';
import { handTree, said } from './handTree';

/** A tree of objects of external-secrets.io/v1, as `Kind: spec`, each in a file of its own; all in namespace `a`. */
function tree(objects: Record<string, string>, variables: Record<string, string> = {}): ReturnType<typeof handTree> {
  const files = Object.entries(objects).map(([kind, spec]): [string, string] => [
    `${kind}.yaml`,
    `apiVersion: external-secrets.io/v1\nkind: ${kind}\nmetadata: {name: x${kind.startsWith('Cluster') ? '' : ', namespace: a'}}\nspec: ${spec}\n`,
  ]);
  return handTree([{ name: 'flux-system', files: Object.fromEntries(files), variables }], { program: programFacts });
}

const key = (title: string): string[] =>
  said(externalSecretKey, tree({ ExternalSecret: `{dataFrom: [{extract: {key: "${title}"}}]}` }));

test.each(['kubernetes/one/shop', 'kubernetes/shared/shop-2', 'kubernetes/one/shop/admin'])(
  '%s is the whole path of an item',
  (title) => expect(key(title)).toEqual([]),
);

test.each([
  ['shop', "names shop, outside of the cluster's part of the vault"],
  ['kubernetes/two/shop', "names kubernetes/two/shop, outside of the cluster's part of the vault"],
  ['kubernetes/shared/', 'names kubernetes/shared/, which is no title of an item'],
  ['kubernetes/one/Shop', 'names kubernetes/one/Shop, which is no title of an item'],
  ['kubernetes/one/shop//x', 'names kubernetes/one/shop//x, which is no title of an item'],
  ['kubernetes/one/-shop', 'names kubernetes/one/-shop, which is no title of an item'],
])('%s is none', (title, what) => expect(key(title)).toEqual([`ExternalSecret.yaml:4 ${what}`]));

test('tags look through the vault whatever the path', () => {
  const find = (spec: string): string[] =>
    said(externalSecretKey, tree({ ExternalSecret: `{dataFrom: [{find: ${spec}}]}` }));
  expect(find('{path: kubernetes/one/shop}')).toEqual([]);
  expect(find('{path: kubernetes/one/shop, tags: {x: ""}}')).toEqual([
    "ExternalSecret.yaml:4 looks through the whole vault, outside of the cluster's part of the vault",
  ]);
});

test('a cluster-wide PushSecret names items, too', () => {
  const spec = '{pushSecretSpec: {data: [{match: {remoteRef: {remoteKey: elsewhere}}}]}}';
  expect(said(externalSecretKey, tree({ ClusterPushSecret: spec }))).toEqual([
    "ClusterPushSecret.yaml:4 names elsewhere, outside of the cluster's part of the vault",
  ]);
});

describe('external-secret-stale', () => {
  const item = 'data: [{remoteRef: {key: kubernetes/one/shop}}]';
  const found = (fields: string): string[] => said(externalSecretStale, tree({ ExternalSecret: `{${fields}}` }));

  test.each([item, `${item}, refreshInterval: 1h`, `${item}, refreshInterval: 30m, refreshPolicy: Periodic`])(
    'not with %s',
    (fields) => expect(found(fields)).toEqual([]),
  );

  test.each([
    ['refreshInterval: "0"', 'asks the vault only once (refreshInterval: 0)'],
    ['refreshInterval: 0s', 'asks the vault only once (refreshInterval: 0s)'],
    ['refreshInterval: 1h1s', 'asks the vault every 1h1s only'],
    ['refreshPolicy: OnChange', 'asks the vault only when it is made or changed (refreshPolicy: OnChange)'],
  ])('with %s', (field, what) => expect(found(`${item}, ${field}`)).toEqual([`ExternalSecret.yaml:4 ${what}`]));

  test('what a generator makes may be made once', () => {
    expect(found('dataFrom: [{sourceRef: {generatorRef: {name: g}}}], refreshInterval: 0s')).toEqual([]);
  });
});

const store = (fields = ''): string =>
  `{provider: {onepassword: {connectHost: "https://c", vaults: {v: 1${fields}}, auth: {secretRef: {connectTokenSecretRef: {name: token}}}}}}`;

test('a store asks for the vault of the settings, and for no other beside it', () => {
  const found = (fields: string, variables: Record<string, string>): string[] =>
    said(secretStoreElsewhere, tree({ ClusterSecretStore: store(fields) }, variables));
  expect(found('', {})).toEqual([]);
  expect(found('', { ONEPASSWORD_VAULT: 'v', ONEPASSWORD_CONNECT_HOST: 'https://c' })).toEqual([]);
  expect(found(', w: 2', { ONEPASSWORD_VAULT: 'v', ONEPASSWORD_CONNECT_HOST: 'https://d' })).toEqual([
    'ClusterSecretStore.yaml:4 asks https://c, where the settings have https://d',
    'ClusterSecretStore.yaml:4 looks into v, w, where the settings have the vault v',
  ]);
});

test('a PushSecret needs a store that is there and may write', () => {
  const push = '{secretStoreRefs: [{name: y}, {name: x, kind: ClusterSecretStore}]}';
  const seeded = tree({ ClusterSecretStore: store(), PushSecret: push }, { ONEPASSWORD_CONNECT_TOKEN_SECRET: 'token' });
  expect(said(secretStoreMissing, seeded)).toEqual([
    'PushSecret.yaml:4 writes to SecretStore y, which is not there; there is ClusterSecretStore x',
  ]);
  expect(said(pushSecretReadsOnly, seeded)).toEqual([
    'PushSecret.yaml:4 writes by ClusterSecretStore x, whose token may only read',
  ]);
  const other = tree({ ClusterSecretStore: store(), PushSecret: push }, { ONEPASSWORD_CONNECT_TOKEN_SECRET: 'other' });
  expect(said(pushSecretReadsOnly, other)).toEqual([]);
});

test('an entry may name a store of its own', () => {
  const spec = '{data: [{remoteRef: {key: kubernetes/one/shop}, sourceRef: {storeRef: {name: z}}}]}';
  expect(said(secretStoreMissing, tree({ ExternalSecret: spec }))).toEqual([
    'ExternalSecret.yaml:4 takes from SecretStore z, which is not there',
  ]);
});
