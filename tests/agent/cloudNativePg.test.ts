import { cluster, database, pooler, scheduledBackup } from '../../lab/agent/cloudNativePg';
import type { Refusal } from '../../lab/agent/refusals';
import type { ReportedObject } from '../../lab/agent/reportedObject';
import { lookup, object, type Objects } from './lookup';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const secret = (name: string, data: Record<string, string>): Objects => ({
  [`/api/v1/namespaces/ns/secrets/${name}`]: {
    data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)])),
  },
});
const local = { '/apis/storage.k8s.io/v1/storageclasses/local': {} };
const nodes = Object.fromEntries(['a', 'b', 'c'].map((name) => [`/api/v1/nodes/${name}`, { metadata: { name } }]));
const authority = secret('ca', { 'ca.crt': 'x' });
const serving = secret('tls', { 'tls.crt': 'x', 'tls.key': 'x' });
const role = secret('one-role', { username: 'one', password: 'x' });
const keys = secret('keys', { id: 'x', key: 'x' });
const plugin = { '/apis/apps/v1/namespaces/ns/deployments/plugin-barman-cloud': {} };
const store = {
  '/apis/barmancloud.cnpg.io/v1/namespaces/ns/objectstores/store': {
    spec: {
      configuration: {
        destinationPath: 's3://bucket/',
        s3Credentials: { accessKeyId: { name: 'keys', key: 'id' }, secretAccessKey: { name: 'keys', key: 'key' } },
      },
    },
  },
};
const all = { ...local, ...nodes, ...authority, ...serving, ...role, ...keys, ...plugin, ...store };
const without = (...paths: string[]): Objects =>
  Object.fromEntries<object>(Object.entries(all).filter(([path]) => !paths.some((end) => path.endsWith(end))));

const spec = {
  instances: 3,
  certificates: { serverCASecret: 'ca', serverTLSSecret: 'tls' },
  storage: { storageClass: 'local', size: '1Gi' },
  affinity: { podAntiAffinityType: 'required' },
  managed: { roles: [{ name: 'one', passwordSecret: { name: 'one-role' } }] },
  plugins: [{ name: 'barman-cloud.cloudnative-pg.io', parameters: { barmanObjectName: 'store' } }],
};
const named = (serverName: string): object => ({
  name: 'barman-cloud.cloudnative-pg.io',
  parameters: { barmanObjectName: 'store', serverName },
});
const restored = (archive: string): object => ({
  ...spec,
  bootstrap: { recovery: { source: 'origin' } },
  externalClusters: [{ name: 'origin', plugin: named('shared') }],
  plugins: [named(archive)],
});
const ready = {
  '/apis/postgresql.cnpg.io/v1/namespaces/ns/clusters/shared': {
    spec,
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  },
};
const of = (more: object): ReportedObject => object({ cluster: { name: 'shared' }, ...more });
const nightly = {
  schedule: '0 0 2 * * *',
  method: 'plugin',
  pluginConfiguration: { name: 'barman-cloud.cloudnative-pg.io' },
};

test.each<[string, Refusal, ReportedObject, Objects]>([
  ['a cluster', cluster, object(spec), all],
  ['a restored cluster', cluster, object(restored('shared-2')), all],
  ['a cluster with nothing of its own', cluster, object({ instances: 1 }), {}],
  ['a database of a role', database, of({ owner: 'one' }), ready],
  ['a database of the first owner', database, of({ owner: 'app' }), ready],
  ['a pooler', pooler, of({ pgbouncer: { parameters: { max_client_conn: '10' } } }), ready],
  ['a backup', scheduledBackup, of(nightly), ready],
])('%s is accepted', async (_what, refuses, one, objects) => {
  expect(await refuses(one, lookup(objects))).toBeUndefined();
});

const otherRole = { ...all, ...secret('one-role', { username: 'two', password: 'x' }) };
const notReady = { '/apis/postgresql.cnpg.io/v1/namespaces/ns/clusters/shared': { spec } };

test.each<[string, Refusal, ReportedObject, Objects]>([
  ['Secret ns/ca does not exist', cluster, object(spec), without('/ca')],
  ['Secret ns/tls does not exist', cluster, object(spec), without('/tls')],
  ['Secret ns/ca has no key ca.key', cluster, object({ ...spec, certificates: { serverCASecret: 'ca' } }), all],
  ['its volumes stay pending: StorageClass local does not exist', cluster, object(spec), without('/local')],
  ['3 instances need as many nodes, and there are 2', cluster, object(spec), without('/nodes/c')],
  ['Secret ns/one-role does not exist', cluster, object(spec), without('/one-role')],
  ["wrong username 'two' in secret, expected 'one'", cluster, object(spec), otherRole],
  [
    'unknown plugin is required: barman-cloud.cloudnative-pg.io',
    cluster,
    object(spec),
    without('/plugin-barman-cloud'),
  ],
  ['ObjectStore ns/store does not exist', cluster, object(spec), without('/store')],
  ['Secret ns/keys does not exist', cluster, object(spec), without('/keys')],
  ['Expected empty archive: shared is the one that it is restored from', cluster, object(restored('shared')), all],
  ['External cluster origin not found', cluster, object({ ...restored('shared-2'), externalClusters: [] }), all],
  ['Cluster ns/shared does not exist', database, of({ owner: 'one' }), {}],
  ['Cluster ns/shared is not ready', database, of({ owner: 'one' }), notReady],
  ['role "two" does not exist', database, of({ owner: 'two' }), ready],
  ['Cluster ns/shared is not ready', pooler, of({}), notReady],
  [
    'Invalid or reserved parameter client_tls_sslmode',
    pooler,
    of({ pgbouncer: { parameters: { client_tls_sslmode: 'require' } } }),
    ready,
  ],
  ['expected exactly 6 fields, found 5: 0 2 * * *', scheduledBackup, of({ ...nightly, schedule: '0 2 * * *' }), ready],
  [
    'requested plugin is not available: other',
    scheduledBackup,
    of({ ...nightly, pluginConfiguration: { name: 'other' } }),
    ready,
  ],
])('"%s" is refused', async (why, refuses, one, objects) => {
  expect(await refuses(one, lookup(objects))).toBe(why);
});
