import { programFacts } from '../../../cluster/programFacts';
import {
  externalSecretKey,
  externalSecretStale,
  pushSecretReadsOnly,
  secretStoreElsewhere,
  secretStoreMissing,
} from '../../../gitops/checks/externalSecrets';
import { findingsOf, handTree } from './handTree';
import { chart } from './releaseTree';

/** A tree of external-secrets.io/v1 objects, given as `Kind: spec`, each in its own file and in namespace `a`. */
function tree(objects: Record<string, string>, variables: Record<string, string> = {}): ReturnType<typeof handTree> {
  const files = Object.entries(objects).map(([kind, spec]): [string, string] => [
    `${kind}.yaml`,
    `apiVersion: external-secrets.io/v1\nkind: ${kind}\nmetadata: {name: x${kind.startsWith('Cluster') ? '' : ', namespace: a'}}\nspec: ${spec}\n`,
  ]);
  return handTree([{ name: 'flux-system', files: Object.fromEntries(files), variables }], { program: programFacts });
}

const key = (title: string): string[] =>
  findingsOf(externalSecretKey, tree({ ExternalSecret: `{dataFrom: [{extract: {key: "${title}"}}]}` }));

test.each(['kubernetes/one/shop', 'kubernetes/shared/shop-2', 'kubernetes/one/shop/admin'])(
  '%s is a valid item title',
  (title) => expect(key(title)).toEqual([]),
);

test.each([
  ['shop', "refers to shop, outside the cluster's part of the vault"],
  ['kubernetes/two/shop', "refers to kubernetes/two/shop, outside the cluster's part of the vault"],
  ['kubernetes/shared/', 'refers to kubernetes/shared/, which is not a valid item title'],
  ['kubernetes/one/Shop', 'refers to kubernetes/one/Shop, which is not a valid item title'],
  ['kubernetes/one/shop//x', 'refers to kubernetes/one/shop//x, which is not a valid item title'],
  ['kubernetes/one/-shop', 'refers to kubernetes/one/-shop, which is not a valid item title'],
])('%s is not a valid item title', (title, what) => expect(key(title)).toEqual([`ExternalSecret.yaml:4 ${what}`]));

test.each([
  ['data: [{remoteRef: {key: kubernetes/one/x}}]', 0],
  ['data: [{remoteRef: {key: kubernetes/shared/x}}]', 0],
  ['data: [{remoteRef: {key: kubernetes/one/}}]', 1],
  ['data: [{remoteRef: {key: kubernetes/one-more/x}}]', 1],
  ['dataFrom: [{extract: {key: kubernetes/two/x}}]', 1],
  ['dataFrom: [{find: {path: kubernetes/one/x}}]', 0],
  ['dataFrom: [{sourceRef: {generatorRef: {name: g}}}]', 0],
])('checks the keys of %s', (spec, count) => {
  expect(findingsOf(externalSecretKey, tree({ ExternalSecret: `{${spec}}` }))).toHaveLength(count);
});

test('only what is generated reads the items of other clusters', () => {
  const text = `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: x, namespace: a}
spec: {dataFrom: [{extract: {key: kubernetes/two/x}}, {extract: {key: kubernetes/three/x}}]}
`;
  const found = (file: string): string[] => {
    const one = handTree([{ name: 'flux-system', files: { [file]: text } }], { program: programFacts });
    const clusters = [...one.clusters, ...one.clusters.map((cluster) => ({ ...cluster, name: 'two', objects: [] }))];
    return findingsOf(externalSecretKey, { ...one, clusters });
  };
  expect(found('kubernetes/clusters/one/observability/writers.yaml')).toEqual([
    "kubernetes/clusters/one/observability/writers.yaml:4 refers to kubernetes/three/x, outside the cluster's part of the vault",
  ]);
  expect(found('kubernetes/infrastructure/observability/x.yaml')).toHaveLength(2);
});

test('tags search the entire vault regardless of the path', () => {
  const find = (spec: string): string[] =>
    findingsOf(externalSecretKey, tree({ ExternalSecret: `{dataFrom: [{find: ${spec}}]}` }));
  expect(find('{path: kubernetes/one/shop}')).toEqual([]);
  expect(find('{path: kubernetes/one/shop, tags: {x: ""}}')).toEqual([
    "ExternalSecret.yaml:4 searches the entire vault, outside the cluster's part of the vault",
  ]);
});

test('checks the keys of a cluster-wide PushSecret too', () => {
  const spec = '{pushSecretSpec: {data: [{match: {remoteRef: {remoteKey: elsewhere}}}]}}';
  expect(findingsOf(externalSecretKey, tree({ ClusterPushSecret: spec }))).toEqual([
    "ClusterPushSecret.yaml:4 refers to elsewhere, outside the cluster's part of the vault",
  ]);
});

describe('external-secret-stale', () => {
  const item = 'data: [{remoteRef: {key: kubernetes/one/shop}}]';
  const found = (fields: string): string[] => findingsOf(externalSecretStale, tree({ ExternalSecret: `{${fields}}` }));

  test.each([item, `${item}, refreshInterval: 1h`, `${item}, refreshInterval: 30m, refreshPolicy: Periodic`])(
    'accepts %s',
    (fields) => expect(found(fields)).toEqual([]),
  );

  test.each([
    ['refreshInterval: "0"', 'reads the vault only once (refreshInterval: 0)'],
    ['refreshInterval: 0s', 'reads the vault only once (refreshInterval: 0s)'],
    ['refreshInterval: 1h1s', 'reads the vault only every 1h1s'],
    ['refreshPolicy: OnChange', 'reads the vault only when it is created or changed (refreshPolicy: OnChange)'],
  ])('reports %s', (field, what) => expect(found(`${item}, ${field}`)).toEqual([`ExternalSecret.yaml:4 ${what}`]));

  test('the output of a generator may be generated once', () => {
    expect(found('dataFrom: [{sourceRef: {generatorRef: {name: g}}}], refreshInterval: 0s')).toEqual([]);
  });
});

const store = (fields = ''): string =>
  `{provider: {onepassword: {connectHost: "https://c", vaults: {v: 1${fields}}, auth: {secretRef: {connectTokenSecretRef: {name: token}}}}}}`;

test('a store must use the vault of the settings, and no other', () => {
  const found = (fields: string, variables: Record<string, string>): string[] =>
    findingsOf(secretStoreElsewhere, tree({ ClusterSecretStore: store(fields) }, variables));
  expect(found('', {})).toEqual([]);
  expect(found('', { ONEPASSWORD_VAULT: 'v', ONEPASSWORD_CONNECT_HOST: 'https://c' })).toEqual([]);
  expect(found(', w: 2', { ONEPASSWORD_VAULT: 'v', ONEPASSWORD_CONNECT_HOST: 'https://d' })).toEqual([
    'ClusterSecretStore.yaml:4 connects to https://c, but the settings have https://d',
    'ClusterSecretStore.yaml:4 searches v, w, but the settings have the vault v',
  ]);
});

test("a store may use a Connect of the cluster itself, by its certificate's name", () => {
  const found = (name: string, secret: string): number => {
    const variables = { ONEPASSWORD_VAULT: 'v', ONEPASSWORD_CONNECT_HOST: 'https://d' };
    const certificate = `apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: c, namespace: a}\nspec: {secretName: tls, dnsNames: [${name}]}\n`;
    const release = chart('connect', `{connect: {tls: {secret: ${secret}}}}`);
    const files = {
      'store.yaml': `apiVersion: external-secrets.io/v1\nkind: ClusterSecretStore\nmetadata: {name: x}\nspec: ${store()}\n`,
      'certificate.yaml': certificate,
      'release.yaml': release,
    };
    return findingsOf(secretStoreElsewhere, handTree([{ name: 'flux-system', files, variables }])).length;
  };
  expect(found('c', 'tls')).toBe(0);
  expect(found('other', 'tls')).toBe(1);
  expect(found('c', 'other')).toBe(1);
});

test('a PushSecret needs an existing store with write access', () => {
  const push = '{secretStoreRefs: [{name: y}, {name: x, kind: ClusterSecretStore}]}';
  const seeded = tree({ ClusterSecretStore: store(), PushSecret: push }, { ONEPASSWORD_CONNECT_TOKEN_SECRET: 'token' });
  expect(findingsOf(secretStoreMissing, seeded)).toEqual([
    'PushSecret.yaml:4 writes to SecretStore y, which does not exist; existing stores: ClusterSecretStore x',
  ]);
  expect(findingsOf(pushSecretReadsOnly, seeded)).toEqual([
    'PushSecret.yaml:4 writes through ClusterSecretStore x, whose token is read-only',
  ]);
  const other = tree({ ClusterSecretStore: store(), PushSecret: push }, { ONEPASSWORD_CONNECT_TOKEN_SECRET: 'other' });
  expect(findingsOf(pushSecretReadsOnly, other)).toEqual([]);
});

test('an entry may refer to its own store', () => {
  const spec = '{data: [{remoteRef: {key: kubernetes/one/shop}, sourceRef: {storeRef: {name: z}}}]}';
  expect(findingsOf(secretStoreMissing, tree({ ExternalSecret: spec }))).toEqual([
    'ExternalSecret.yaml:4 reads from SecretStore z, which does not exist',
  ]);
});
