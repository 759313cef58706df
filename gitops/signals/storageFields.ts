/** A field that says how much data an object stores, or how many copies of it. `*` is every item of a list. */
export interface StorageField {
  /** `group/Kind`. */
  of: string;
  path: string;
  /** What the field counts: bytes of a volume, or copies and members that hold data. */
  counts: 'bytes' | 'copies';
}

const rows = (of: string, counts: StorageField['counts'], ...paths: string[]): StorageField[] =>
  paths.map((path) => ({ of, path, counts }));

const pools = ['replicated.size', 'erasureCoded.dataChunks', 'erasureCoded.codingChunks'];

/**
 * The fields of the databases and storage systems that people run on such platforms, after their CRDs (CloudNativePG 1.27,
 * Rook 1.18, Strimzi 0.48, Dragonfly operator 1.3).
 */
export const storageFields: readonly StorageField[] = [
  ...rows('/PersistentVolumeClaim', 'bytes', 'spec.resources.requests.storage'),
  ...rows('postgresql.cnpg.io/Cluster', 'bytes', 'spec.storage.size', 'spec.walStorage.size'),
  ...rows('postgresql.cnpg.io/Cluster', 'copies', 'spec.instances'),
  ...rows('ceph.rook.io/CephCluster', 'copies', 'spec.mon.count', 'spec.mgr.count'),
  ...rows('ceph.rook.io/CephBlockPool', 'copies', ...pools.map((pool) => `spec.${pool}`)),
  ...rows(
    'ceph.rook.io/CephFilesystem',
    'copies',
    ...pools.flatMap((pool) => [`spec.metadataPool.${pool}`, `spec.dataPools.*.${pool}`]),
  ),
  ...rows(
    'ceph.rook.io/CephObjectStore',
    'copies',
    ...pools.flatMap((pool) => [`spec.metadataPool.${pool}`, `spec.dataPool.${pool}`]),
  ),
  ...rows('kafka.strimzi.io/Kafka', 'bytes', 'spec.kafka.storage.size', 'spec.kafka.storage.volumes.*.size'),
  ...rows('kafka.strimzi.io/Kafka', 'copies', 'spec.kafka.replicas'),
  ...rows('kafka.strimzi.io/KafkaNodePool', 'bytes', 'spec.storage.size', 'spec.storage.volumes.*.size'),
  ...rows('kafka.strimzi.io/KafkaNodePool', 'copies', 'spec.replicas'),
  ...rows('kafka.strimzi.io/KafkaTopic', 'copies', 'spec.partitions', 'spec.replicas'),
  ...rows('dragonflydb.io/Dragonfly', 'bytes', 'spec.snapshot.persistentVolumeClaimSpec.resources.requests.storage'),
  ...rows('dragonflydb.io/Dragonfly', 'copies', 'spec.replicas'),
];

/** Kinds whose objects hold data that goes with them, as `group/Kind`. */
export const dataKinds: ReadonlySet<string> = new Set([
  'postgresql.cnpg.io/Cluster',
  'postgresql.cnpg.io/Database',
  'ceph.rook.io/CephCluster',
  'ceph.rook.io/CephBlockPool',
  'ceph.rook.io/CephFilesystem',
  'ceph.rook.io/CephObjectStore',
  'kafka.strimzi.io/Kafka',
  'kafka.strimzi.io/KafkaNodePool',
  'kafka.strimzi.io/KafkaTopic',
  'dragonflydb.io/Dragonfly',
  'objectbucket.io/ObjectBucketClaim',
]);

/** Kinds whose objects make backups, as `group/Kind`, with the field that pauses them. */
export const backupKinds: ReadonlyMap<string, string> = new Map([
  ['volsync.backube/ReplicationSource', 'paused'],
  ['postgresql.cnpg.io/ScheduledBackup', 'suspend'],
  ['barmancloud.cnpg.io/ObjectStore', ''],
  ['velero.io/Schedule', 'paused'],
]);
