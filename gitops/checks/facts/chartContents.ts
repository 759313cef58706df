import { type KubernetesObject, isMap, specOf } from '../../kubernetesObject';
import type { TreeObject } from '../../tree';
import { type Chart, mentions, valuesOf } from './charts';
import type { Target } from './referenceTable';

/**
 * How a chart names its objects of a kind: `release`, if the name contains that of the release, of the chart or the one
 * that the values give instead; `values`, if the name is in the values; or a pattern.
 */
type Naming = 'release' | 'values' | RegExp;

const byRelease = {
  '/Service': ['release'],
  '/ServiceAccount': ['release', 'values'],
  '/ConfigMap': ['release'],
} as const;

/**
 * The objects that charts make and that references name, read from the templates of the charts. A kind that is
 * not listed is not made, except `commonKinds`. A chart without a row may make anything.
 */
const chartContents: Readonly<Record<string, Readonly<Record<string, readonly Naming[]>>>> = {
  cilium: {
    '/Service': [
      /^(cilium-(agent|envoy|ingress|operator)|clustermesh-apiserver(-metrics)?|spire-server|hubble-[a-z-]+)$/,
      'values',
    ],
    '/ServiceAccount': [
      /^(cilium(-[a-z]+)*|clustermesh-apiserver(-[a-z]+)*|hubble-[a-z-]+|spire-(agent|server))$/,
      'values',
    ],
    '/ConfigMap': [/^(cilium-|clustermesh-|hubble-|ip-masq-agent|spire-)/, 'values'],
    '/Secret': [/^(cilium-|clustermesh-|hubble-)/, 'values'],
    'gateway.networking.k8s.io/GatewayClass': [/^cilium$/],
    'networking.k8s.io/IngressClass': [/^cilium$/],
  },
  'cert-manager': { ...byRelease, '/Secret': ['release'] },
  'external-secrets': { ...byRelease, '/Secret': ['release'] },
  coredns: { ...byRelease, '/Service': ['release', 'values'] },
  spegel: byRelease,
  'external-dns': { ...byRelease, '/Secret': ['release', 'values'] },
  'flux-operator': { ...byRelease, '/Secret': ['release'] },
  'flux-instance': { '/ServiceAccount': ['release', 'values', /^flux-operator$/] },
  // Its subcharts, which were not read, may make these under any name.
  openebs: {
    ...byRelease,
    '/Service': [/./],
    '/ConfigMap': [/./],
    '/Secret': [/./],
    '/PersistentVolumeClaim': [/./],
    'scheduling.k8s.io/PriorityClass': [/./],
    'snapshot.storage.k8s.io/VolumeSnapshotClass': [/./],
    'storage.k8s.io/StorageClass': [/./],
  },
  'rook-ceph': {
    '/ServiceAccount': [/^(rook-|ceph-csi-|objectstorage-provisioner)/],
    '/ConfigMap': [/^rook-ceph-operator-config$/],
    '/Service': [/^rook-ceph-admission-controller$/],
  },
  'rook-ceph-cluster': {
    '/ServiceAccount': [/^rook-/],
    '/ConfigMap': [/^rook-config-override$/],
    'storage.k8s.io/StorageClass': ['values', /^ceph-(block|filesystem|bucket)$/],
    'snapshot.storage.k8s.io/VolumeSnapshotClass': ['values', /^ceph-(block|filesystem)$/],
    'ceph.rook.io/CephCluster': ['values', /^rook-ceph$/],
    'ceph.rook.io/CephBlockPool': ['values', /^ceph-blockpool$/],
    'ceph.rook.io/CephFilesystem': ['values', /^ceph-filesystem$/],
    'ceph.rook.io/CephObjectStore': ['values', /^ceph-objectstore$/],
  },
  'snapshot-controller': { ...byRelease, 'snapshot.storage.k8s.io/VolumeSnapshotClass': ['values'] },
  volsync: byRelease,
  'victoria-logs-cluster': { ...byRelease, '/Service': ['release', 'values'] },
  'victoria-traces-single': { ...byRelease, '/Service': ['release', 'values'] },
  'fluent-bit': byRelease,
  'strimzi-kafka-operator': {
    '/ServiceAccount': [/^strimzi-cluster-operator$/],
    '/ConfigMap': [/^strimzi-cluster-operator$/],
  },
  'gha-runner-scale-set-controller': { '/ServiceAccount': ['release', 'values'] },
  'gha-runner-scale-set': { '/ServiceAccount': [/-gha-rs-/] },
  'metrics-server': { ...byRelease, 'apiregistration.k8s.io/APIService': [/^v1beta1\.metrics\.k8s\.io$/] },
  grafana: { ...byRelease, '/Secret': ['release'], '/PersistentVolumeClaim': ['release'] },
  'opentelemetry-collector': byRelease,
  'cloudnative-pg': {
    ...byRelease,
    '/Service': [/^cnpg-webhook-service$/],
    '/ConfigMap': [/^cnpg-(controller-manager-config|default-monitoring)$/],
    '/Secret': [/^cnpg-(webhook-cert|ca-secret)$/],
  },
  'plugin-barman-cloud': {
    ...byRelease,
    '/Service': [/^barman-cloud$/],
    '/ConfigMap': [/^plugin-barman-cloud-config$/],
    '/Secret': [/^barman-cloud-(client|server)-tls$/],
  },
  'dragonfly-operator': { ...byRelease, '/Service': ['release'], '/ServiceAccount': ['values', 'release'] },
  'prometheus-operator-crds': {},
  // As it is used here: the operator, kube-state-metrics and node-exporter, each under the name in the values.
  'victoria-metrics-k8s-stack': {
    ...byRelease,
    '/Service': ['release', 'values'],
    '/ServiceAccount': ['release', 'values'],
  },
  'victoria-metrics-operator-crds': {},
};

/** Kinds that every chart may make, under any name. */
const commonKinds: ReadonlySet<string> = new Set([
  'apps/DaemonSet',
  'apps/Deployment',
  'apps/StatefulSet',
  'batch/CronJob',
  'batch/Job',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/Role',
]);

/** Groups whose objects no chart makes: Flux, which installs charts. */
const neverInCharts = /(^|\.)toolkit\.fluxcd\.io\//;

/** Values under which charts take whole objects. */
const extraObjects = /^(extra|additional|raw)(Objects|Manifests|Deploy|Resources|Templates)$|^raw$/;

/** Namespaces in which charts make objects, apart from the release's own. */
const otherNamespaces: Readonly<Record<string, readonly string[]>> = {
  // Secrets for Envoy; SPIRE, unless a value names another namespace.
  cilium: ['cilium-secrets', 'cilium-spire'],
};

/** Whether a chart makes objects in a namespace, other than the one that its release is installed into. */
export function alsoMakesIn(chart: Chart, namespace: string): boolean {
  return (otherNamespaces[chart.name] ?? []).includes(namespace);
}

/** Whether a release may make an object in its namespace, as far as its chart is known. */
export function mayComeFrom(release: TreeObject, chart: Chart, { kind, name }: Target): boolean {
  if (neverInCharts.test(kind)) return false;
  if (commonKinds.has(kind)) return true;
  const values = valuesOf(release.object);
  const contents = chartContents[chart.name];
  const extra = Object.entries(values).some(([key, value]) => extraObjects.test(key) && mentions(value, name));
  if (contents === undefined || extra) return true;
  const hasMoreValues = specOf(release.object)['valuesFrom'] !== undefined;
  return (contents[kind] ?? []).some((naming) => {
    if (naming === 'values') return hasMoreValues || mentions(values, name);
    return naming === 'release' ? ownNames(release.object, chart).some((own) => name.includes(own)) : naming.test(name);
  });
}

/** Names that a chart's objects may contain. */
function ownNames(release: KubernetesObject, { name }: Pick<Chart, 'name'>): string[] {
  const { releaseName } = specOf(release);
  const values = valuesOf(release);
  const overrides = ['nameOverride', 'fullnameOverride'].map((key) => values[key]);
  const nested = Object.values(values).flatMap((value) =>
    isMap(value) ? [value['nameOverride'], value['fullnameOverride']] : [],
  );
  const own = [release.metadata.name, releaseName, name, ...overrides, ...nested];
  return own.filter((text): text is string => typeof text === 'string' && text !== '');
}
