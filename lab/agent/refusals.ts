import { isMap } from '../../gitops/kubernetesObject';
import type { ReportedObject } from './reportedObject';

/** What the rules look up in addition to the object itself. Each path is read once per round. */
export interface Lookup {
  /** An object by its path; undefined if there is none. */
  get: (path: string) => Promise<ReportedObject | undefined>;
  list: (path: string) => Promise<ReportedObject[]>;
  /** The names of the files in an archive of source-controller; undefined if it cannot be read. Read once per address. */
  archiveNames: (url: string) => Promise<readonly string[] | undefined>;
  /** Why Cilium's operator does not look at Gateways since its start; undefined if it does. */
  gatewayApiProblem: string | undefined;
}

/**
 * Why the real controller would not report an object as ready; undefined if nothing that can be seen here speaks against it.
 * Each function says after which source it is made.
 */
export type Refusal = (object: ReportedObject, lookup: Lookup) => Promise<string | undefined>;

type Spec = Record<string, unknown>;
export const specOf = ({ spec = {} }: ReportedObject): Spec => spec;
export const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce((current, key) => (isMap(current as never) ? (current as Spec)[key] : undefined), value);
export const text = (value: unknown, ...path: string[]): string | undefined => {
  const found = at(value, ...path);
  return typeof found === 'string' && found !== '' ? found : undefined;
};
export const listAt = (value: unknown, ...path: string[]): unknown[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
};
const numberAt = (value: unknown, ...path: string[]): number => Number(at(value, ...path) ?? 0);
export const namespaceOf = ({ metadata }: ReportedObject): string => metadata.namespace ?? '';

/** Whether an object's condition of that type is true. */
export function isTrue(object: ReportedObject | undefined, type: string): boolean {
  return listAt(object?.status, 'conditions').some(
    (one) => text(one, 'type') === type && text(one, 'status') === 'True',
  );
}

const secretPath = (namespace: string, name: string): string => `/api/v1/namespaces/${namespace}/secrets/${name}`;

/** Why a key of a Secret cannot be read. */
export async function missingKey(
  lookup: Lookup,
  namespace: string,
  name: string,
  key: string,
): Promise<string | undefined> {
  const secret = await lookup.get(secretPath(namespace, name));
  if (secret === undefined) return `Secret ${namespace}/${name} does not exist`;
  return key in (secret.data ?? {}) ? undefined : `Secret ${namespace}/${name} has no key ${key}`;
}

/** Why volumes of a class cannot be made; a template without a class has the default one. */
export async function missingClass(lookup: Lookup, name: string | undefined): Promise<string | undefined> {
  if (name === undefined) return undefined;
  const found = await lookup.get(`/apis/storage.k8s.io/v1/storageclasses/${name}`);
  return found === undefined ? `StorageClass ${name} does not exist` : undefined;
}

/** Why the volumes of pods stay pending. */
export async function pendingVolumes(lookup: Lookup, storageClass: string | undefined): Promise<string | undefined> {
  const missing = await missingClass(lookup, storageClass);
  return missing === undefined ? undefined : `its volumes stay pending: ${missing}`;
}

/** Why pods that mount a Secret stay pending. */
export async function pendingMount(lookup: Lookup, namespace: string, secret: string): Promise<string | undefined> {
  if (await secretWillExist(lookup, namespace, secret)) return undefined;
  return `its pods stay pending: Secret ${namespace}/${secret} does not exist`;
}

/** The first of several reasons, in their order. */
export async function firstProblem(problems: readonly Promise<string | undefined>[]): Promise<string | undefined> {
  return (await Promise.all(problems)).find((problem) => problem !== undefined);
}

/** The namespace in which cert-manager looks for the Secrets of a ClusterIssuer; an Issuer's are next to it. */
const certManagerNamespace = 'cert-manager';

/** Hosts of ACME servers that would register an account here. */
const acmeServers = /^https:\/\/acme(-staging)?-v02\.api\.letsencrypt\.org\/directory$/;

/**
 * cert-manager 1.19 (pkg/issuer): an ACME issuer registers an account, which Let's Encrypt refuses for an address of an example
 * domain; a CA issuer reads its key pair.
 */
export const issuer: Refusal = async (object, lookup) => {
  const spec = specOf(object);
  const authority = text(spec, 'ca', 'secretName');
  const namespace = object.metadata.namespace ?? certManagerNamespace;
  if (authority !== undefined) return missingKey(lookup, namespace, authority, 'tls.key');
  if (spec['selfSigned'] !== undefined) return undefined;
  const server = text(spec, 'acme', 'server');
  if (server === undefined) return 'the lab stands in for ACME, CA and self-signed issuers only';
  if (!acmeServers.test(server)) return `the lab stands in for Let's Encrypt only, not for ${server}`;
  const email = text(spec, 'acme', 'email');
  if (email !== undefined && !/^[^@\s]+@[^@\s]+\.[^@\s.]+$/.test(email))
    return `unable to parse email address ${email}`;
  const domain = email?.split('@')[1] ?? '';
  return /(^|\.)example\.(com|net|org)$/.test(domain) ? `contact email has forbidden domain ${domain}` : undefined;
};

/**
 * cert-manager 1.19 (pkg/controller/acmeorders, acmechallenges): the issuer is ready, each name has a solver, and the solver's
 * token can be read.
 */
export const certificate: Refusal = async (object, lookup) => {
  const spec = specOf(object);
  const kind = text(spec, 'issuerRef', 'kind') ?? 'Issuer';
  const name = text(spec, 'issuerRef', 'name') ?? '';
  const place = kind === 'ClusterIssuer' ? 'clusterissuers' : `namespaces/${namespaceOf(object)}/issuers`;
  const from = await lookup.get(`/apis/cert-manager.io/v1/${place}/${name}`);
  if (from === undefined) return `${kind} ${name} not found`;
  if (!isTrue(from, 'Ready')) return `${kind} ${name} is not ready`;
  if (specOf(from)['acme'] === undefined) return undefined;
  const solvers = listAt(specOf(from), 'acme', 'solvers');
  for (const dnsName of listAt(spec, 'dnsNames') as string[]) {
    const solver = solverFor(dnsName, solvers);
    if (solver === undefined) return `no configured challenge solvers can be used for ${dnsName}`;
    const problem = await solverProblem(solver, namespaceOf(object), lookup);
    if (problem !== undefined) return problem;
  }
  return undefined;
};

/**
 * Why a solver cannot prove anything: Cloudflare's or RFC 2136's key cannot be read, or the Gateway of HTTP-01 does not exist
 * (pkg/issuer/acme/dns and acme/http of cert-manager 1.19; a parentRef without a namespace is in the challenge's).
 */
async function solverProblem(solver: unknown, namespace: string, lookup: Lookup): Promise<string | undefined> {
  const keys: [unknown, string][] = [
    [at(solver, 'dns01', 'cloudflare', 'apiTokenSecretRef'), 'api-token'],
    [at(solver, 'dns01', 'rfc2136', 'tsigSecretSecretRef'), 'tsig-secret'],
  ];
  for (const [reference, byDefault] of keys) {
    if (reference === undefined) continue;
    const key = text(reference, 'key') ?? byDefault;
    const problem = await missingKey(lookup, certManagerNamespace, text(reference, 'name') ?? '', key);
    if (problem !== undefined) return problem;
  }
  for (const parent of listAt(solver, 'http01', 'gatewayHTTPRoute', 'parentRefs')) {
    const [place, name] = [text(parent, 'namespace') ?? namespace, text(parent, 'name') ?? ''];
    const path = `/apis/gateway.networking.k8s.io/v1/namespaces/${place}/gateways/${name}`;
    if ((await lookup.get(path)) === undefined) return `Gateway ${place}/${name} of the HTTP-01 solver does not exist`;
  }
  return undefined;
}

/** The solver whose selector fits; one that selects by labels does not count, and a wildcard needs DNS. */
function solverFor(dnsName: string, solvers: readonly unknown[]): unknown {
  const host = dnsName.replace(/^\*\./, '');
  return solvers.find((solver) => {
    if (dnsName.startsWith('*.') && (solver as Spec)['dns01'] === undefined) return false;
    const selector = (solver as Spec)['selector'];
    if (at(selector, 'matchLabels') !== undefined) return false;
    const [names, zones] = [listAt(selector, 'dnsNames'), listAt(selector, 'dnsZones') as string[]];
    if (names.length + zones.length === 0) return true;
    return names.includes(dnsName) || zones.some((zone) => host === zone || host.endsWith(`.${zone}`));
  });
}

/** Cilium 1.18 (operator/pkg/gateway-api): the class is Cilium's, and its parameters exist. */
export const gatewayClass: Refusal = async (object, lookup) => {
  const spec = specOf(object);
  const problem = await gatewayApiOff(lookup);
  if (problem !== undefined) return problem;
  if (spec['controllerName'] !== 'io.cilium/gateway-controller') return 'its controller is not Cilium';
  const reference = spec['parametersRef'];
  if (reference === undefined) return undefined;
  const [namespace, name] = [text(reference, 'namespace'), text(reference, 'name') ?? ''];
  if (text(reference, 'kind') !== 'CiliumGatewayClassConfig' || namespace === undefined)
    return 'parametersRef must name a CiliumGatewayClassConfig with its namespace';
  const path = `/apis/cilium.io/v2alpha1/namespaces/${namespace}/ciliumgatewayclassconfigs/${name}`;
  return (await lookup.get(path)) === undefined ? `CiliumGatewayClassConfig ${namespace}/${name} not found` : undefined;
};

/**
 * Cilium 1.18 (operator/pkg/gateway-api/gateway_reconcile.go): the class is accepted, one listener at least is valid, and each
 * requested address is an IP address of a pool. A listener with a missing certificate is invalid.
 */
export const gateway: Refusal = async (object, lookup) => {
  const spec = specOf(object);
  const problem = await gatewayApiOff(lookup);
  if (problem !== undefined) return problem;
  const className = text(spec, 'gatewayClassName') ?? '';
  const found = await lookup.get(`/apis/gateway.networking.k8s.io/v1/gatewayclasses/${className}`);
  if (!isTrue(found, 'Accepted')) return `GatewayClass ${className} is not accepted`;
  const problems: string[] = [];
  const listeners = listAt(spec, 'listeners');
  for (const listener of listeners) {
    const reason = await listenerProblem(listener, namespaceOf(object), lookup);
    if (reason !== undefined) problems.push(`${text(listener, 'name') ?? ''}: ${reason}`);
  }
  if (problems.length === listeners.length) return `No Accepted Listeners: ${problems.join('; ')}`;
  for (const address of listAt(spec, 'addresses')) {
    if ((text(address, 'type') ?? 'IPAddress') !== 'IPAddress') return 'Unsupported Gateway address, only IPAddress is';
  }
  return undefined;
};

async function listenerProblem(listener: unknown, namespace: string, lookup: Lookup): Promise<string | undefined> {
  const protocol = text(listener, 'protocol') ?? '';
  if (!['HTTP', 'HTTPS', 'TLS'].includes(protocol)) return `Unsupported Listener Protocol ${protocol}`;
  for (const reference of listAt(listener, 'tls', 'certificateRefs')) {
    const name = text(reference, 'name') ?? '';
    const place = text(reference, 'namespace') ?? namespace;
    if ((text(reference, 'kind') ?? 'Secret') !== 'Secret') return 'Invalid CertificateRef, must be a Secret';
    if (await secretWillExist(lookup, place, name)) continue;
    return `Invalid CertificateRef, Secret ${place}/${name} does not exist`;
  }
  return undefined;
}

/** A stand-in's Certificate issues nothing, but the Secret of one that is ready would exist. */
export async function secretWillExist(lookup: Lookup, namespace: string, name: string): Promise<boolean> {
  if ((await lookup.get(secretPath(namespace, name))) !== undefined) return true;
  const certificates = await lookup.list(`/apis/cert-manager.io/v1/namespaces/${namespace}/certificates`);
  return certificates.some((one) => specOf(one)['secretName'] === name && isTrue(one, 'Ready'));
}

/** Cilium's operator looks at Gateways only if its configuration says so, and if their types existed when it started. */
async function gatewayApiOff(lookup: Lookup): Promise<string | undefined> {
  if (lookup.gatewayApiProblem !== undefined) return lookup.gatewayApiProblem;
  const config = await lookup.get('/api/v1/namespaces/kube-system/configmaps/cilium-config');
  return config?.data?.['enable-gateway-api'] === 'true'
    ? undefined
    : 'Cilium runs without Gateway API (enable-gateway-api)';
}

/** Rook 1.18 (pkg/operator/ceph/cluster/cluster.go, preClusterStartValidation). */
export const cephCluster: Refusal = async (object, lookup) => {
  const spec = specOf(object);
  const mons = numberAt(spec, 'mon', 'count') || 3;
  const nodes = await lookup.list('/api/v1/nodes');
  if (at(spec, 'mon', 'allowMultiplePerNode') !== true && nodes.length < mons)
    return `cannot start ${mons} mons on ${nodes.length} node(s) when allowMultiplePerNode is false`;
  const storage = spec['storage'];
  const named = new Set(nodes.map(({ metadata }) => metadata.name));
  const [first] = listAt(storage, 'nodes').filter((node) => !named.has(text(node, 'name') ?? ''));
  if (first !== undefined) return `storage node ${text(first, 'name') ?? ''} is not a node of the cluster`;
  return undefined;
};

/** Rook waits until the cluster in the namespace is ready. */
async function clusterProblem(object: ReportedObject, lookup: Lookup): Promise<string | undefined> {
  const namespace = namespaceOf(object);
  const clusters = await lookup.list(`/apis/ceph.rook.io/v1/namespaces/${namespace}/cephclusters`);
  return clusters.some(({ status }) => status?.['phase'] === 'Ready')
    ? undefined
    : `no CephCluster in namespace ${namespace} is ready`;
}

/** Rook 1.18 (pkg/operator/ceph/pool/validate.go). `requireSafeReplicaSize` is true by default. */
function poolProblem(pool: unknown): string | undefined {
  const size = numberAt(pool, 'replicated', 'size');
  const erasure = numberAt(pool, 'erasureCoded', 'dataChunks') + numberAt(pool, 'erasureCoded', 'codingChunks');
  if (size > 0 && erasure > 0) return 'both replication and erasure code settings cannot be specified';
  if (size === 0 && erasure === 0) return 'neither replication nor erasure code settings were specified';
  if (size === 1 && at(pool, 'replicated', 'requireSafeReplicaSize') !== false)
    return 'error pool size is 1 and requireSafeReplicaSize is true, must be false';
  if (size > 0 && size <= numberAt(pool, 'replicated', 'replicasPerFailureDomain'))
    return 'error pool size must be greater than replicasPerFailureDomain';
  return undefined;
}

/** A block pool. */
export const cephBlockPool: Refusal = async (object, lookup) =>
  (await clusterProblem(object, lookup)) ?? poolProblem(specOf(object));

/** Rook 1.18 (pkg/operator/ceph/file/filesystem.go, validateFilesystem). */
export const cephFilesystem: Refusal = async (object, lookup) => {
  const spec = specOf(object);
  if (numberAt(spec, 'metadataServer', 'activeCount') < 1) return 'MetadataServer.ActiveCount must be at least 1';
  const pools = listAt(spec, 'dataPools');
  if (pools.length === 0) return 'no data pool: the filesystem would have to exist already';
  const problem = [spec['metadataPool'], ...pools].map(poolProblem).find((reason) => reason !== undefined);
  return (await clusterProblem(object, lookup)) ?? problem;
};

/** Rook waits for the filesystem. */
export const cephSubVolumeGroup: Refusal = async (object, lookup) =>
  notReadyIn(object, lookup, 'cephfilesystems', text(specOf(object), 'filesystemName') ?? '');

/** Rook 1.18 (pkg/operator/ceph/object): pools as above, and a port. */
export const cephObjectStore: Refusal = async (object, lookup) => {
  const spec = specOf(object);
  if (numberAt(spec, 'gateway', 'port') === 0 && numberAt(spec, 'gateway', 'securePort') === 0)
    return 'the gateway has neither port nor securePort';
  if (numberAt(spec, 'gateway', 'instances') < 1) return 'the gateway has no instances';
  const own = [spec['metadataPool'], spec['dataPool']].filter((pool) => pool !== undefined);
  const problem = own.map(poolProblem).find((reason) => reason !== undefined);
  return (await clusterProblem(object, lookup)) ?? problem;
};

/** Rook waits for the object store. */
export const cephObjectStoreUser: Refusal = async (object, lookup) =>
  notReadyIn(object, lookup, 'cephobjectstores', text(specOf(object), 'store') ?? '');

async function notReadyIn(
  object: ReportedObject,
  lookup: Lookup,
  plural: string,
  name: string,
): Promise<string | undefined> {
  const found = await lookup.get(`/apis/ceph.rook.io/v1/namespaces/${namespaceOf(object)}/${plural}/${name}`);
  return found?.status?.['phase'] === 'Ready' ? undefined : `${plural} ${name} is not ready`;
}

/** notification-controller 1.7 (internal/controller/receiver_controller.go): it reads the token. */
export const receiver: Refusal = (object, lookup) =>
  missingKey(lookup, namespaceOf(object), text(specOf(object), 'secretRef', 'name') ?? '', 'token');
