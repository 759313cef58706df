import {
  at,
  firstProblem,
  isTrue,
  listAt,
  type Lookup,
  missingKey,
  namespaceOf,
  pendingVolumes,
  type Refusal,
  secretWillExist,
  specOf,
  text,
} from './refusals';
import type { ReportedObject } from './reportedObject';

// CloudNativePG 1.27 (internal/controller, internal/webhook/v1, internal/management/controller) and its Barman Cloud plugin 0.7.

/** The only plugin that the lab knows, by the name in its Service's label, and the Deployment that answers it. */
const barman = 'barman-cloud.cloudnative-pg.io';
const barmanDeployment = 'plugin-barman-cloud';

const inNamespace = (group: string, namespace: string, plural: string, name: string): string =>
  `/apis/${group}/v1/namespaces/${namespace}/${plural}/${name}`;

/** A Secret of its own choice must exist, and the certificate's may be one that cert-manager would make. */
async function certificateProblem(lookup: Lookup, object: ReportedObject): Promise<string | undefined> {
  const namespace = namespaceOf(object);
  const certificates = at(specOf(object), 'certificates');
  const [authority, server] = [text(certificates, 'serverCASecret'), text(certificates, 'serverTLSSecret')];
  if (authority !== undefined) {
    // Without a certificate of one's own, the operator issues one, for which it needs the key.
    for (const key of server === undefined ? ['ca.crt', 'ca.key'] : ['ca.crt']) {
      const missing = await missingKey(lookup, namespace, authority, key);
      if (missing !== undefined) return missing;
    }
  }
  if (server === undefined || (await secretWillExist(lookup, namespace, server))) return undefined;
  return `Secret ${namespace}/${server} does not exist`;
}

/** The Secret of a role has its name and password. */
async function roleProblem(lookup: Lookup, namespace: string, role: unknown): Promise<string | undefined> {
  const name = text(role, 'name') ?? '';
  const secret = text(role, 'passwordSecret', 'name');
  if (secret === undefined) return undefined;
  for (const key of ['username', 'password']) {
    const missing = await missingKey(lookup, namespace, secret, key);
    if (missing !== undefined) return missing;
  }
  const found = await lookup.get(`/api/v1/namespaces/${namespace}/secrets/${secret}`);
  const username = Buffer.from(found?.data?.['username'] ?? '', 'base64').toString();
  return username === name ? undefined : `wrong username '${username}' in secret, expected '${name}'`;
}

async function pluginProblem(lookup: Lookup, namespace: string, plugin: unknown): Promise<string | undefined> {
  const name = text(plugin, 'name') ?? '';
  const operator = `/apis/apps/v1/namespaces/${namespace}/deployments/${barmanDeployment}`;
  if (name !== barman || (await lookup.get(operator)) === undefined) return `unknown plugin is required: ${name}`;
  return storeProblem(lookup, namespace, text(plugin, 'parameters', 'barmanObjectName') ?? '');
}

/** The store exists, and its keys can be read. */
async function storeProblem(lookup: Lookup, namespace: string, name: string): Promise<string | undefined> {
  const store = await lookup.get(inNamespace('barmancloud.cnpg.io', namespace, 'objectstores', name));
  if (store === undefined) return `ObjectStore ${namespace}/${name} does not exist`;
  const configuration = at(specOf(store), 'configuration');
  if (!(text(configuration, 'destinationPath') ?? '').startsWith('s3://'))
    return `ObjectStore ${namespace}/${name}: the lab stands in for S3 only`;
  for (const field of ['accessKeyId', 'secretAccessKey']) {
    const reference = at(configuration, 's3Credentials', field);
    const missing = await missingKey(lookup, namespace, text(reference, 'name') ?? '', text(reference, 'key') ?? '');
    if (missing !== undefined) return missing;
  }
  return undefined;
}

/** Pods of which each needs a node of its own. */
async function nodeProblem(lookup: Lookup, spec: unknown): Promise<string | undefined> {
  if (text(spec, 'affinity', 'podAntiAffinityType') !== 'required') return undefined;
  const instances = Number(at(spec, 'instances') ?? 1);
  const nodes = (await lookup.list('/api/v1/nodes')).length;
  return nodes < instances ? `${instances} instances need as many nodes, and there are ${nodes}` : undefined;
}

/** What it is restored from is one of its external clusters, in a store that exists. */
async function recoveryProblem(lookup: Lookup, namespace: string, spec: unknown): Promise<string | undefined> {
  const source = text(spec, 'bootstrap', 'recovery', 'source');
  if (source === undefined) return undefined;
  const external = listAt(spec, 'externalClusters').find((one) => text(one, 'name') === source);
  if (external === undefined) return `External cluster ${source} not found`;
  const archive = listAt(spec, 'plugins').map((one) => at(one, 'parameters'));
  const origin = at(external, 'plugin', 'parameters');
  const nameOf = (parameters: unknown): string | undefined => text(parameters, 'serverName');
  if (archive.some((one) => nameOf(one) === nameOf(origin)))
    return `Expected empty archive: ${nameOf(origin) ?? ''} is the one that it is restored from`;
  return pluginProblem(lookup, namespace, at(external, 'plugin'));
}

/** Its certificates, volumes, roles, nodes, and where it sends its backups. */
export const cluster: Refusal = (object, lookup) => {
  const spec = specOf(object);
  const namespace = namespaceOf(object);
  return firstProblem([
    certificateProblem(lookup, object),
    ...['storage', 'walStorage'].map((part) => pendingVolumes(lookup, text(spec[part], 'storageClass'))),
    nodeProblem(lookup, spec),
    ...listAt(spec, 'managed', 'roles').map((role) => roleProblem(lookup, namespace, role)),
    ...listAt(spec, 'plugins').map((plugin) => pluginProblem(lookup, namespace, plugin)),
    recoveryProblem(lookup, namespace, spec),
  ]);
};

/** The cluster that an object names, or why it is of no use to it. */
async function clusterOf(object: ReportedObject, lookup: Lookup): Promise<ReportedObject | string> {
  const [namespace, name] = [namespaceOf(object), text(specOf(object), 'cluster', 'name') ?? ''];
  const found = await lookup.get(inNamespace('postgresql.cnpg.io', namespace, 'clusters', name));
  if (found === undefined) return `Cluster ${namespace}/${name} does not exist`;
  return isTrue(found, 'Ready') ? found : `Cluster ${namespace}/${name} is not ready`;
}

/** Its owner is a role of the cluster. */
export const database: Refusal = async (object, lookup) => {
  const found = await clusterOf(object, lookup);
  if (typeof found === 'string') return found;
  const owner = text(specOf(object), 'owner') ?? '';
  const roles = listAt(specOf(found), 'managed', 'roles').filter((role) => text(role, 'ensure') !== 'absent');
  const known = new Set(['postgres', text(specOf(found), 'bootstrap', 'initdb', 'owner') ?? 'app']);
  for (const role of roles) known.add(text(role, 'name') ?? '');
  return known.has(owner) ? undefined : `role "${owner}" does not exist`;
};

/** Parameters of PgBouncer that people may set, as far as our own poolers set any. */
const poolerParameters: ReadonlySet<string> = new Set([
  'default_pool_size',
  'ignore_startup_parameters',
  'max_client_conn',
  'max_db_connections',
  'max_prepared_statements',
  'max_user_connections',
  'min_pool_size',
  'query_wait_timeout',
  'reserve_pool_size',
  'server_idle_timeout',
  'server_lifetime',
]);

/** It leads to a cluster, under another name than that of a Service of the cluster. */
export const pooler: Refusal = async (object, lookup) => {
  const spec = specOf(object);
  const unknown = Object.keys(at(spec, 'pgbouncer', 'parameters') ?? {}).find((name) => !poolerParameters.has(name));
  if (unknown !== undefined) return `Invalid or reserved parameter ${unknown}`;
  if (object.metadata.name === text(spec, 'cluster', 'name')) return 'the pooler must not have the name of its cluster';
  const found = await clusterOf(object, lookup);
  return typeof found === 'string' ? found : undefined;
};

/** Seconds first, and a plugin that the cluster has. */
export const scheduledBackup: Refusal = async (object, lookup) => {
  const spec = specOf(object);
  const schedule = text(spec, 'schedule') ?? '';
  if (!/^@\w+/.test(schedule) && schedule.split(/\s+/).length !== 6)
    return `expected exactly 6 fields, found ${schedule.split(/\s+/).length}: ${schedule}`;
  const found = await clusterOf(object, lookup);
  if (typeof found === 'string') return found;
  if (text(spec, 'method') !== 'plugin') return 'the lab stands in for backups by a plugin only';
  const plugin = text(spec, 'pluginConfiguration', 'name') ?? '';
  return listAt(specOf(found), 'plugins').some((one) => text(one, 'name') === plugin)
    ? undefined
    : `requested plugin is not available: ${plugin}`;
};
