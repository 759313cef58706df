import { keycloak, keycloakRealmImport, keycloakRules } from '../../lab/agent/keycloak';
import type { Refusal } from '../../lab/agent/refusals';
import type { ReportedObject } from '../../lab/agent/reportedObject';
import { lookup, object, type Objects } from './lookup';

const secrets = '/api/v1/namespaces/ns/secrets';
const secret = (name: string, ...keys: string[]): Objects => ({
  [`${secrets}/${name}`]: { data: Object.fromEntries(keys.map((key) => [key, 'eA=='])) },
});
const known = {
  ...secret('db', 'username', 'password'),
  ...secret('admin', 'username', 'password'),
  ...secret('ca', 'ca.crt'),
};
const server = (more: object = {}): ReportedObject =>
  object({
    db: {
      vendor: 'postgres',
      usernameSecret: { name: 'db', key: 'username' },
      passwordSecret: { name: 'db', key: 'password' },
    },
    truststores: { ca: { secret: { name: 'ca' } }, other: { secret: { name: 'no', optional: true } } },
    hostname: { hostname: 'https://sso.example.org', strict: true },
    http: { httpEnabled: true },
    bootstrapAdmin: { user: { secret: 'admin' } },
    additionalOptions: [{ name: 'metrics-enabled', value: 'true' }],
    ...more,
  });
const running = (status: string): Objects => ({
  '/apis/k8s.keycloak.org/v2alpha1/namespaces/ns/keycloaks/keycloak': {
    metadata: { name: 'keycloak' },
    status: { conditions: [{ type: 'Ready', status }] },
  },
});
const realm = (more: object = {}): ReportedObject =>
  object({
    keycloakCRName: 'keycloak',
    realm: { realm: 'people' },
    placeholders: { A: { secret: { name: 'clients', key: 'a' } } },
    ...more,
  });
const clients = secret('clients', 'a');

test.each<[string, Refusal, ReportedObject, Objects]>([
  ['a server', keycloak, server(), known],
  ['a server with TLS', keycloak, server({ http: { tlsSecret: 'tls' } }), { ...known, ...secret('tls', 'tls.crt') }],
  ['a realm', keycloakRealmImport, realm(), { ...running('True'), ...clients }],
  ['a realm without placeholders', keycloakRealmImport, realm({ placeholders: undefined }), running('True')],
])('%s is accepted', async (_what, refuses, one, objects) => {
  expect(await refuses(one, lookup(objects))).toBeUndefined();
});

test.each<[string, Refusal, ReportedObject, Objects]>([
  ['Secret ns/db does not exist', keycloak, server(), {}],
  ['Secret ns/admin has no key password', keycloak, server(), { ...known, ...secret('admin', 'username') }],
  [
    'Secret ns/x has no key y',
    keycloak,
    server({ additionalOptions: [{ name: 'o', secret: { name: 'x', key: 'y' } }] }),
    { ...known, ...secret('x', 'z') },
  ],
  ['its pods stay pending: Secret ns/tls does not exist', keycloak, server({ http: { tlsSecret: 'tls' } }), known],
  [
    'its pods stay pending: Secret ns/more does not exist',
    keycloak,
    server({ truststores: { more: { secret: { name: 'more' } } } }),
    known,
  ],
  ['no database: spec.db.vendor is missing', keycloak, server({ db: {} }), known],
  ['Key material not provided to setup HTTPS', keycloak, server({ http: {} }), known],
  [
    'hostname is not configured; either configure hostname, or set hostname-strict to false',
    keycloak,
    server({ hostname: {} }),
    known,
  ],
  ['Keycloak ns/keycloak does not exist', keycloakRealmImport, realm(), clients],
  ['Keycloak keycloak is not ready', keycloakRealmImport, realm(), { ...running('False'), ...clients }],
  ['the realm has no name', keycloakRealmImport, realm({ realm: {} }), running('True')],
  ['Secret ns/clients does not exist', keycloakRealmImport, realm(), running('True')],
])('"%s" is refused', async (why, refuses, one, objects) => {
  expect(await refuses(one, lookup(objects))).toBe(why);
});

test('a refused server is not ready and has errors; a refused import waits', () => {
  const [ofServer, ofRealm] = keycloakRules;
  const state = { pools: [], taken: new Set<string>() };
  const one = { ...server({ instances: 2 }), metadata: { name: 'it', generation: 3 } };
  expect(ofServer?.status(one, state)).toMatchObject({
    observedGeneration: 3,
    instances: 2,
    conditions: [{ type: 'Ready', status: 'True' }, { type: 'HasErrors', status: 'False' }, {}],
  });
  expect(ofServer?.refused(one, 'no')).toMatchObject({ conditions: [{ status: 'False' }, { status: 'True' }, {}] });
  expect(ofRealm?.status(one, state)).toMatchObject({ conditions: [{ type: 'Done', status: 'True' }, {}, {}] });
  expect(ofRealm?.refused(one, 'no')).toMatchObject({ conditions: [{ type: 'Done', status: 'False' }, {}, {}] });
});
