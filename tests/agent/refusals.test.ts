import * as refusals from '../../lab/agent/refusals';
import type { ReportedObject } from '../../lab/agent/reportedObject';
import { lookup, object, type Objects } from './lookup';

const ready = { status: { conditions: [{ type: 'Ready', status: 'True' }] } };

const issuers = '/apis/cert-manager.io/v1/clusterissuers';
const acme = {
  acme: {
    server: 'https://acme-v02.api.letsencrypt.org/directory',
    email: 'admin@monosense.io',
    solvers: [
      {
        selector: { dnsZones: ['monosense.io'] },
        dns01: { cloudflare: { apiTokenSecretRef: { name: 'cloudflare', key: 'token' } } },
      },
    ],
  },
};
const token = { '/api/v1/namespaces/cert-manager/secrets/cloudflare': { data: { token: 'eA==' } } };
const le = { [`${issuers}/le`]: { spec: acme, ...ready } };
const issuerWith = (solver: object) => ({
  [`${issuers}/le`]: { spec: { acme: { ...acme.acme, solvers: [solver] } }, ...ready },
});
const rfc2136 = issuerWith({ dns01: { rfc2136: { tsigSecretSecretRef: { name: 'tsig', key: 'tsig-secret' } } } });
const http01 = issuerWith({ http01: { gatewayHTTPRoute: { parentRefs: [{ name: 'external', namespace: 'net' }] } } });
const certificate = (dnsNames: string[]) =>
  object({ secretName: 'tls', issuerRef: { kind: 'ClusterIssuer', name: 'le' }, dnsNames });

const config = {
  '/api/v1/namespaces/kube-system/configmaps/cilium-config': { data: { 'enable-gateway-api': 'true' } },
};
const gatewayClass = {
  '/apis/gateway.networking.k8s.io/v1/gatewayclasses/cilium': {
    status: { conditions: [{ type: 'Accepted', status: 'True' }] },
  },
};
const https = { name: 'https', protocol: 'HTTPS', tls: { certificateRefs: [{ name: 'tls' }] } };
const gateway = (change: object = {}) =>
  object({ gatewayClassName: 'cilium', listeners: [https], addresses: [{ value: '10.0.0.1' }], ...change });

const nodes = (count: number): Objects =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`/api/v1/nodes/n${at}`, { metadata: { name: `n${at}` } }]),
  );
const ceph = { '/apis/ceph.rook.io/v1/namespaces/ns/cephclusters/c': { status: { phase: 'Ready' } } };
const pool = { replicated: { size: 3 } };

test.each<[string, refusals.Refusal, ReportedObject, Objects]>([
  ['an ACME issuer', refusals.issuer, object(acme), {}],
  ['a self-signed issuer', refusals.issuer, object({ selfSigned: {} }), {}],
  [
    'an issuer with a CA next to it',
    refusals.issuer,
    object({ ca: { secretName: 'ca' } }),
    { '/api/v1/namespaces/ns/secrets/ca': { data: { 'tls.key': 'eA==' } } },
  ],
  [
    'a certificate of an issuer next to it',
    refusals.certificate,
    object({ issuerRef: { kind: 'Issuer', name: 'own' } }),
    { '/apis/cert-manager.io/v1/namespaces/ns/issuers/own': { spec: {}, ...ready } },
  ],
  ['a certificate', refusals.certificate, certificate(['monosense.io', '*.lan.monosense.io']), { ...le, ...token }],
  [
    'a certificate proved by RFC 2136',
    refusals.certificate,
    certificate(['*.home.example']),
    { ...rfc2136, '/api/v1/namespaces/cert-manager/secrets/tsig': { data: { 'tsig-secret': 'eA==' } } },
  ],
  [
    'a certificate proved by HTTP-01',
    refusals.certificate,
    certificate(['www.home.example']),
    { ...http01, '/apis/gateway.networking.k8s.io/v1/namespaces/net/gateways/external': {} },
  ],
  ['a class', refusals.gatewayClass, object({ controllerName: 'io.cilium/gateway-controller' }), config],
  [
    'a gateway whose certificate is ready',
    refusals.gateway,
    gateway(),
    {
      ...config,
      ...gatewayClass,
      '/apis/cert-manager.io/v1/namespaces/ns/certificates/x': { spec: { secretName: 'tls' }, ...ready },
    },
  ],
  [
    'a gateway with one valid listener',
    refusals.gateway,
    gateway({ listeners: [{ name: 'http', protocol: 'HTTP' }, https] }),
    { ...config, ...gatewayClass },
  ],
  ['a Ceph cluster', refusals.cephCluster, object({ mon: { count: 3 }, storage: { useAllNodes: true } }), nodes(3)],
  ['a block pool', refusals.cephBlockPool, object(pool), ceph],
  [
    'an erasure-coded pool, and one without redundancy that says so',
    refusals.cephFilesystem,
    object({
      metadataServer: { activeCount: 1 },
      metadataPool: { replicated: { size: 1, requireSafeReplicaSize: false } },
      dataPools: [{ erasureCoded: { dataChunks: 2, codingChunks: 1 } }],
    }),
    ceph,
  ],
  [
    'an object store',
    refusals.cephObjectStore,
    object({ gateway: { port: 80, instances: 2 }, metadataPool: pool, dataPool: pool }),
    ceph,
  ],
  [
    'what needs a filesystem',
    refusals.cephSubVolumeGroup,
    object({ filesystemName: 'fs' }),
    { '/apis/ceph.rook.io/v1/namespaces/ns/cephfilesystems/fs': { status: { phase: 'Ready' } } },
  ],
  [
    'what needs an object store',
    refusals.cephObjectStoreUser,
    object({ store: 's' }),
    { '/apis/ceph.rook.io/v1/namespaces/ns/cephobjectstores/s': { status: { phase: 'Ready' } } },
  ],
  [
    'a receiver',
    refusals.receiver,
    object({ secretRef: { name: 'hook' } }),
    { '/api/v1/namespaces/ns/secrets/hook': { data: { token: 'eA==' } } },
  ],
])('%s is accepted', async (_what, refuses, one, objects) => {
  expect(await refuses(one, lookup(objects))).toBeUndefined();
});

test.each<[string, refusals.Refusal, ReportedObject, Objects]>([
  [
    'contact email has forbidden domain example.com',
    refusals.issuer,
    object({ acme: { ...acme.acme, email: 'me@example.com' } }),
    {},
  ],
  [
    "the lab stands in for Let's Encrypt only",
    refusals.issuer,
    object({ acme: { server: 'https://acme.internal/directory' } }),
    {},
  ],
  [
    'Secret cert-manager/ca does not exist',
    refusals.issuer,
    { metadata: { name: 'it' }, spec: { ca: { secretName: 'ca' } } },
    {},
  ],
  ['Secret ns/ca does not exist', refusals.issuer, object({ ca: { secretName: 'ca' } }), {}],
  ['Issuer own not found', refusals.certificate, object({ issuerRef: { name: 'own' } }), {}],
  [
    'Issuer own is not ready',
    refusals.certificate,
    object({ issuerRef: { kind: 'Issuer', name: 'own' } }),
    { '/apis/cert-manager.io/v1/namespaces/ns/issuers/own': { spec: {} } },
  ],
  ['the lab stands in for ACME', refusals.issuer, object({ vault: {} }), {}],
  ['ClusterIssuer le not found', refusals.certificate, certificate(['monosense.io']), {}],
  [
    'ClusterIssuer le is not ready',
    refusals.certificate,
    certificate(['monosense.io']),
    { [`${issuers}/le`]: { spec: acme } },
  ],
  [
    'no configured challenge solvers can be used for other.org',
    refusals.certificate,
    certificate(['other.org']),
    { ...le, ...token },
  ],
  ['Secret cert-manager/tsig does not exist', refusals.certificate, certificate(['home.example']), rfc2136],
  [
    'Gateway net/external of the HTTP-01 solver does not exist',
    refusals.certificate,
    certificate(['home.example']),
    http01,
  ],
  [
    'no configured challenge solvers can be used for *.home.example',
    refusals.certificate,
    certificate(['*.home.example']),
    http01,
  ],
  ['Secret cert-manager/cloudflare does not exist', refusals.certificate, certificate(['monosense.io']), le],
  [
    'Secret cert-manager/cloudflare has no key token',
    refusals.certificate,
    certificate(['monosense.io']),
    { ...le, '/api/v1/namespaces/cert-manager/secrets/cloudflare': { data: {} } },
  ],
  ['its controller is not Cilium', refusals.gatewayClass, object({ controllerName: 'other' }), config],
  [
    'CiliumGatewayClassConfig ns/x not found',
    refusals.gatewayClass,
    object({
      controllerName: 'io.cilium/gateway-controller',
      parametersRef: { kind: 'CiliumGatewayClassConfig', namespace: 'ns', name: 'x' },
    }),
    config,
  ],
  ['Cilium runs without Gateway API', refusals.gateway, gateway(), gatewayClass],
  ['GatewayClass cilium is not accepted', refusals.gateway, gateway(), config],
  [
    'No Accepted Listeners: https: Invalid CertificateRef, Secret ns/tls does not exist',
    refusals.gateway,
    gateway(),
    { ...config, ...gatewayClass },
  ],
  [
    'Unsupported Gateway address',
    refusals.gateway,
    gateway({ listeners: [{ protocol: 'HTTP' }], addresses: [{ type: 'Hostname', value: 'x' }] }),
    { ...config, ...gatewayClass },
  ],
  ['cannot start 3 mons on 2 node(s)', refusals.cephCluster, object({ mon: { count: 3 } }), nodes(2)],
  [
    'storage node gone is not a node',
    refusals.cephCluster,
    object({ storage: { nodes: [{ name: 'gone' }] } }),
    nodes(3),
  ],
  ['no CephCluster in namespace ns is ready', refusals.cephBlockPool, object(pool), {}],
  ['error pool size is 1', refusals.cephBlockPool, object({ replicated: { size: 1 } }), ceph],
  ['neither replication nor erasure code', refusals.cephBlockPool, object({}), ceph],
  ['MetadataServer.ActiveCount', refusals.cephFilesystem, object({ dataPools: [pool] }), ceph],
  [
    'the gateway has neither port nor securePort',
    refusals.cephObjectStore,
    object({ gateway: { instances: 1 } }),
    ceph,
  ],
  ['cephfilesystems fs is not ready', refusals.cephSubVolumeGroup, object({ filesystemName: 'fs' }), ceph],
  ['cephobjectstores s is not ready', refusals.cephObjectStoreUser, object({ store: 's' }), ceph],
  ['Secret ns/hook does not exist', refusals.receiver, object({ secretRef: { name: 'hook' } }), {}],
])('refused: %s', async (why, refuses, one, objects) => {
  expect(await refuses(one, lookup(objects))).toContain(why);
});

test('Gateways are ignored by an operator that started before their types existed', async () => {
  const objects = { ...config, ...gatewayClass };
  expect(await refusals.gateway(gateway(), lookup(objects, 'started without gateways'))).toBe(
    'started without gateways',
  );
});
