import { dragonfly } from '../../lab/agent/dragonfly';
import { lookup, object, type Objects } from './lookup';

const all: Objects = {
  '/apis/storage.k8s.io/v1/storageclasses/local': {},
  '/api/v1/namespaces/ns/secrets/auth': { data: { password: 'eA==' } },
  '/api/v1/namespaces/ns/secrets/tls': { data: {} },
  '/api/v1/namespaces/ns/serviceaccounts/dragonfly': {},
};
const without = (end: string): Objects =>
  Object.fromEntries(Object.entries(all).filter(([path]) => !path.endsWith(end)));
const spec = {
  image: 'registry/dragonfly:v1.34.1',
  authentication: { passwordFromSecret: { name: 'auth', key: 'password' } },
  tlsSecretRef: { name: 'tls' },
  snapshot: { dir: '/data', cron: '0 * * * *', persistentVolumeClaimSpec: { storageClassName: 'local' } },
  serviceAccountName: 'dragonfly',
};

test.each<[string, object]>([
  ['an instance', spec],
  ['the first image that starts', { ...spec, image: 'dragonfly:v1.20.0' }],
  ['an instance of the default image', {}],
])('%s is accepted', async (_what, one) => {
  expect(await dragonfly(object(one as Record<string, unknown>), lookup(all))).toBeUndefined();
});

test.each<[string, object, Objects]>([
  ['Unknown command line flag break_replication_on_master_restart', { ...spec, image: 'dragonfly:v1.17.0' }, all],
  ['its image has no version: dragonfly', { ...spec, image: 'dragonfly' }, all],
  ['its pods do not start: Secret ns/auth does not exist', spec, without('/auth')],
  ['TLS needs a password or a CA of clients, or Dragonfly does not start', { tlsSecretRef: { name: 'tls' } }, all],
  ['its pods stay pending: Secret ns/tls does not exist', spec, without('/tls')],
  ['cron specified without a persistent volume claim', { snapshot: { cron: '0 * * * *' } }, all],
  ['its volumes stay pending: StorageClass local does not exist', spec, without('/local')],
  ['its pods are forbidden: service account ns/dragonfly not found', spec, without('/dragonfly')],
])('"%s" is refused', async (why, one, objects) => {
  expect(await dragonfly(object(one as Record<string, unknown>), lookup(objects))).toBe(why);
});
