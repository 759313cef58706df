import { at, listAt, type Lookup, missingClass, namespaceOf, type Refusal, specOf, text } from './refusals';
import type { ReportedObject } from './reportedObject';
import type { StandInRule } from './standInRule';

// Strimzi 0.48 (cluster-operator: model/ListenersValidator, model/nodepools/NodePoolUtils, KafkaVersion; topic-operator and
// user-operator): what they refuse becomes a condition NotReady with the reason.

const group = '/apis/kafka.strimzi.io/v1beta2';
/** The label with the cluster's name, of pools, topics and users. */
const clusterLabel = 'strimzi.io/cluster';
/** The versions of Kafka that the operator knows, the default first. They follow its chart by hand. */
const versions = ['4.1.0', '4.0.0'] as const;
const [lowestPort, forbiddenPorts] = [9092, [9404, 9999]] as const;

/** The pools of a cluster with a role, as far as they have pods. */
async function poolsOf(object: ReportedObject, lookup: Lookup, name: string): Promise<ReportedObject[]> {
  const pools = await lookup.list(`${group}/namespaces/${namespaceOf(object)}/kafkanodepools`);
  return pools.filter(
    ({ metadata, spec }) => metadata.labels?.[clusterLabel] === name && Number(at(spec, 'replicas') ?? 0) > 0,
  );
}

const replicasWith = (pools: readonly ReportedObject[], role: string): number =>
  pools
    .filter(({ spec }) => listAt(spec, 'roles').includes(role))
    .reduce((sum, { spec }) => sum + Number(at(spec, 'replicas')), 0);

/** Pools with both roles, listeners that differ, a version that the operator knows, and classes that exist. */
export const kafka: Refusal = async (object, lookup) => {
  const spec = specOf(object);
  const { name } = object.metadata;
  const pools = await poolsOf(object, lookup, name);
  if (pools.length === 0) return `KafkaNodePools for Kafka cluster ${name} either don't exist or have 0 replicas`;
  for (const role of ['broker', 'controller']) {
    if (replicasWith(pools, role) > 0) continue;
    return `At least one KafkaNodePool with the ${role} role and at least one replica is required when KRaft mode is enabled`;
  }
  return versionProblem(spec) ?? listenerProblem(spec) ?? (await storageProblem(pools, lookup));
};

function versionProblem(spec: Record<string, unknown>): string | undefined {
  const version = text(spec, 'kafka', 'version') ?? versions[0];
  if (!versions.some((known) => known === version))
    return `Unsupported Kafka.spec.kafka.version: ${version}. Supported versions are: ${[...versions].sort().join(', ')}`;
  const metadata = text(spec, 'kafka', 'metadataVersion');
  const minor = (of: string): number => Number(/^(\d+)\.(\d+)/.exec(of)?.slice(1, 3).join('.') ?? Number.NaN);
  if (metadata === undefined || minor(metadata) <= minor(version)) return undefined;
  return `metadataVersion ${metadata} is not supported by Kafka ${version}`;
}

function listenerProblem(spec: Record<string, unknown>): string | undefined {
  const listeners = listAt(spec, 'kafka', 'listeners');
  const ports = listeners.map((one) => Number(at(one, 'port')));
  const names = listeners.map((one) => text(one, 'name'));
  if (new Set(names).size < names.length) return 'every listener needs to have a unique name';
  if (new Set(ports).size < ports.length) return 'every listener needs to have a unique port number';
  const forbidden = ports.find((port) => port < lowestPort || forbiddenPorts.some((one) => one === port));
  if (forbidden !== undefined) return `port ${forbidden} is forbidden and cannot be used`;
  return undefined;
}

/** Why the pods of pools stay pending. */
async function storageProblem(pools: readonly ReportedObject[], lookup: Lookup): Promise<string | undefined> {
  for (const { metadata, spec } of pools) {
    const storage = at(spec, 'storage');
    for (const volume of text(storage, 'type') === 'jbod' ? listAt(storage, 'volumes') : [storage]) {
      const missing = await missingClass(lookup, text(volume, 'class'));
      if (missing !== undefined) return `the pods of KafkaNodePool ${metadata.name} stay pending: ${missing}`;
    }
  }
  return undefined;
}

/** The cluster of a topic or user, or why its operator does not see the object. */
async function clusterOf(
  object: ReportedObject,
  lookup: Lookup,
  operator: 'topicOperator' | 'userOperator',
): Promise<{ cluster: ReportedObject } | { why: string }> {
  const name = object.metadata.labels?.[clusterLabel];
  if (name === undefined) return { why: `it has no label ${clusterLabel}, so no operator looks at it` };
  const cluster = await lookup.get(`${group}/namespaces/${namespaceOf(object)}/kafkas/${name}`);
  if (cluster === undefined) return { why: `Kafka ${namespaceOf(object)}/${name} does not exist` };
  if (at(cluster.spec, 'entityOperator', operator) === undefined) return { why: `Kafka ${name} has no ${operator}` };
  if (!isReady(cluster)) return { why: `Kafka ${name} is not ready` };
  return { cluster };
}

const isReady = ({ status }: ReportedObject): boolean =>
  listAt(status, 'conditions').some((one) => text(one, 'type') === 'Ready' && text(one, 'status') === 'True');

/** A name that Kafka takes, and no more replicas than there are brokers. */
export const kafkaTopic: Refusal = async (object, lookup) => {
  const found = await clusterOf(object, lookup, 'topicOperator');
  if ('why' in found) return found.why;
  const name = text(specOf(object), 'topicName') ?? object.metadata.name;
  if (!/^[\w.-]{1,249}$/.test(name) || /^\.{1,2}$/.test(name)) return `Topic name is invalid: ${name}`;
  const replicas = Number(at(specOf(object), 'replicas') ?? 1);
  const brokers = replicasWith(await poolsOf(object, lookup, found.cluster.metadata.name), 'broker');
  if (replicas <= brokers) return undefined;
  return `The target replication factor of ${replicas} cannot be reached because only ${brokers} broker(s) are registered`;
};

/** Rights only where the cluster asks for them. */
export const kafkaUser: Refusal = async (object, lookup) => {
  const found = await clusterOf(object, lookup, 'userOperator');
  if ('why' in found) return found.why;
  const wantsRights = at(specOf(object), 'authorization') !== undefined;
  return wantsRights && text(found.cluster.spec, 'kafka', 'authorization', 'type') === undefined
    ? 'Simple authorization ACL rules are configured but not supported in the Kafka cluster configuration'
    : undefined;
};

const rule = (kind: string, plural: string, claims: string, refuses: Refusal): StandInRule => ({
  operator: 'Strimzi',
  deployment: { namespace: 'messaging', name: 'strimzi-cluster-operator' },
  api: group,
  kind,
  plural,
  claims,
  refuses,
  status: (object) => statusOf(object),
  refused: statusOf,
});

/** Its conditions have no generation; the status has. */
function statusOf({ metadata }: ReportedObject, why?: string): Record<string, unknown> {
  const condition = {
    type: why === undefined ? 'Ready' : 'NotReady',
    status: 'True',
    reason: why === undefined ? 'StandIn' : 'InvalidResourceException',
    message: why === undefined ? 'reported by a stand-in of the lab' : `a stand-in of the lab refuses: ${why}`,
    lastTransitionTime: '2025-01-01T00:00:00Z',
  };
  return { observedGeneration: metadata.generation ?? 1, conditions: [condition] };
}

/** The kinds of Strimzi that this repository uses. A KafkaNodePool has no state of its own. */
export const strimziRules: readonly StandInRule[] = [
  rule('Kafka', 'kafkas', 'Ready; runs no broker', kafka),
  rule('KafkaTopic', 'kafkatopics', 'Ready; there is no topic', kafkaTopic),
  rule('KafkaUser', 'kafkausers', 'Ready; makes no Secret', kafkaUser),
];
