import type { Refusal } from '../../lab/agent/refusals';
import type { ReportedObject } from '../../lab/agent/reportedObject';
import { kafka, kafkaTopic, kafkaUser, strimziRules } from '../../lab/agent/strimzi';
import { lookup, object, type Objects } from './lookup';

const group = '/apis/kafka.strimzi.io/v1beta2/namespaces/ns';
const local = { '/apis/storage.k8s.io/v1/storageclasses/local': {} };
const labels = { 'strimzi.io/cluster': 'it' };
const storage = { type: 'jbod', volumes: [{ type: 'persistent-claim', class: 'local' }] };
const pool = (role: string, replicas: number): Objects => ({
  [`${group}/kafkanodepools/${role}`]: {
    metadata: { name: role, namespace: 'ns', labels },
    spec: { replicas, roles: [role], storage },
  },
});
const pools = { ...pool('broker', 3), ...pool('controller', 3) };
const listeners = [
  { name: 'tls', port: 9093 },
  { name: 'scram', port: 9094 },
];
const cluster = (more: object = {}): ReportedObject =>
  object({ kafka: { version: '4.1.0', metadataVersion: '4.1-IV1', listeners, ...more } });
const running = (spec: object = { kafka: { authorization: { type: 'simple' } } }, type = 'Ready'): Objects => ({
  [`${group}/kafkas/it`]: {
    metadata: { name: 'it', namespace: 'ns' },
    spec: { entityOperator: { topicOperator: {}, userOperator: {} }, ...spec },
    status: { conditions: [{ type, status: 'True' }] },
  },
});
const labelled = (spec: object): ReportedObject => ({
  ...object(spec),
  metadata: { name: 'one', namespace: 'ns', labels },
});

test.each<[string, Refusal, ReportedObject, Objects]>([
  ['a cluster', kafka, cluster(), { ...pools, ...local }],
  ['a cluster of the default version', kafka, object({ kafka: { listeners } }), { ...pools, ...local }],
  ['a topic', kafkaTopic, labelled({ topicName: '_schemas', replicas: 3 }), { ...running(), ...pools }],
  ['a user', kafkaUser, labelled({ authorization: { type: 'simple', acls: [] } }), running()],
  ['a user without rights', kafkaUser, labelled({}), running({ kafka: {} })],
])('%s is accepted', async (_what, refuses, one, objects) => {
  expect(await refuses(one, lookup(objects))).toBeUndefined();
});

test.each<[string, Refusal, ReportedObject, Objects]>([
  ["KafkaNodePools for Kafka cluster it either don't exist or have 0 replicas", kafka, cluster(), local],
  ["KafkaNodePools for Kafka cluster it either don't exist or have 0 replicas", kafka, cluster(), pool('broker', 0)],
  [
    'At least one KafkaNodePool with the controller role and at least one replica is required when KRaft mode is enabled',
    kafka,
    cluster(),
    pool('broker', 3),
  ],
  [
    'Unsupported Kafka.spec.kafka.version: 3.9.0. Supported versions are: 4.0.0, 4.1.0',
    kafka,
    cluster({ version: '3.9.0' }),
    pools,
  ],
  [
    'metadataVersion 4.1-IV1 is not supported by Kafka 4.0.0',
    kafka,
    cluster({ version: '4.0.0', metadataVersion: '4.1-IV1' }),
    pools,
  ],
  [
    'every listener needs to have a unique name',
    kafka,
    cluster({
      listeners: [
        { name: 'a', port: 9093 },
        { name: 'a', port: 9094 },
      ],
    }),
    pools,
  ],
  [
    'every listener needs to have a unique port number',
    kafka,
    cluster({
      listeners: [
        { name: 'a', port: 9093 },
        { name: 'b', port: 9093 },
      ],
    }),
    pools,
  ],
  ['port 9404 is forbidden and cannot be used', kafka, cluster({ listeners: [{ name: 'a', port: 9404 }] }), pools],
  ['the pods of KafkaNodePool broker stay pending: StorageClass local does not exist', kafka, cluster(), pools],
  ['it has no label strimzi.io/cluster, so no operator looks at it', kafkaTopic, object({}), running()],
  ['Kafka ns/it does not exist', kafkaTopic, labelled({}), {}],
  ['Kafka it has no topicOperator', kafkaTopic, labelled({}), running({ entityOperator: {} })],
  ['Kafka it is not ready', kafkaUser, labelled({}), running({}, 'NotReady')],
  ['Topic name is invalid: a b', kafkaTopic, labelled({ topicName: 'a b' }), { ...running(), ...pools }],
  [
    'The target replication factor of 4 cannot be reached because only 3 broker(s) are registered',
    kafkaTopic,
    labelled({ replicas: 4 }),
    { ...running(), ...pools },
  ],
  [
    'Simple authorization ACL rules are configured but not supported in the Kafka cluster configuration',
    kafkaUser,
    labelled({ authorization: { type: 'simple', acls: [] } }),
    running({ kafka: {} }),
  ],
])('"%s" is refused', async (why, refuses, one, objects) => {
  expect(await refuses(one, lookup(objects))).toBe(why);
});

test('reports the generation in the status, and a refusal as NotReady', () => {
  const [rule] = strimziRules;
  const one = { ...cluster(), metadata: { name: 'it', generation: 3 } };
  expect(rule?.status(one, { pools: [], taken: new Set() })).toMatchObject({
    observedGeneration: 3,
    conditions: [{ type: 'Ready', status: 'True' }],
  });
  expect(rule?.refused(one, 'no')).toMatchObject({ observedGeneration: 3, conditions: [{ type: 'NotReady' }] });
});
