import { type KubernetesObject, groupOf, listOf, specOf, valueAt } from '../../kubernetesObject';
import type { Tree, TreeCluster, TreeKustomization, TreeObject } from '../../tree';
import { ciliumReleases, releases, targetNamespace, valuesOf } from './charts';
import { fluxComponentsOf, fluxInstances, fluxSyncs } from './fluxInstance';
import type { Target } from './referenceTable';
import { secretOf, seededSecrets } from './secrets';

/** An object that something makes on the cluster; a pattern stands for several. */
interface Made {
  kind: string;
  /** Absent for a kind without a namespace; `*` if it may be in any. */
  namespace?: string;
  name: string | RegExp;
}

/** What a controller makes from the objects of one kind. */
interface Maker {
  of: string;
  /** Who makes it. */
  by: string;
  makes: (object: KubernetesObject) => Made[];
}

const nameOf = ({ metadata }: KubernetesObject): string => metadata.name;

/** Objects of one kind in the namespace of the object they are made from. */
function made(kind: string, ...names: ((object: KubernetesObject) => string | RegExp)[]): Maker['makes'] {
  return (object) => names.map((name) => ({ kind, namespace: object.metadata.namespace ?? '', name: name(object) }));
}

const suffixed =
  (...suffixes: string[]) =>
  (kind: string): Maker['makes'] =>
    made(kind, ...suffixes.map((suffix) => (object: KubernetesObject) => `${nameOf(object)}${suffix}`));

const prefixed = (prefix: string) => made('/Service', (object) => `${prefix}${nameOf(object)}`);

const victoriaMetrics = (kind: string, ...prefixes: string[]): Maker => ({
  of: `operator.victoriametrics.com/${kind}`,
  by: 'the VictoriaMetrics operator',
  makes: (object) =>
    prefixes.flatMap((prefix) =>
      ['/Service', '/ServiceAccount', '/Secret', 'apps/Deployment', 'apps/StatefulSet'].flatMap((target) =>
        made(target, ({ metadata }) => `${prefix}${metadata.name}`)(object),
      ),
    ),
});

const issuerAnnotations = ['cert-manager.io/cluster-issuer', 'cert-manager.io/issuer', 'kubernetes.io/tls-acme'];

/** cert-manager makes the Secrets of an Ingress or Gateway that names an issuer in an annotation. */
function shimSecrets(object: KubernetesObject): Made[] {
  if (issuerAnnotations.every((key) => valueAt(object.metadata, 'annotations', key) === undefined)) return [];
  const entries = [
    ...listOf(specOf(object)['tls']).map((entry) => valueAt(entry, 'secretName')),
    ...listOf(specOf(object)['listeners']).flatMap((listener) =>
      listOf(valueAt(listener, 'tls', 'certificateRefs')).map((ref) => valueAt(ref, 'name')),
    ),
  ];
  const namespace = object.metadata.namespace ?? '';
  return entries.flatMap((name) => (typeof name === 'string' ? [{ kind: '/Secret', namespace, name }] : []));
}

/**
 * What controllers make, after their documentation and sources. Secrets of ExternalSecrets, SealedSecrets and Certificates
 * are in `secrets.ts`.
 */
const makers: readonly Maker[] = [
  { of: 'networking.k8s.io/Ingress', by: 'cert-manager', makes: shimSecrets },
  { of: 'gateway.networking.k8s.io/Gateway', by: 'cert-manager', makes: shimSecrets },
  // The Service that receives the traffic of a Gateway of class cilium.
  { of: 'gateway.networking.k8s.io/Gateway', by: 'Cilium', makes: prefixed('cilium-gateway-') },
  {
    of: 'apps/StatefulSet',
    by: 'Kubernetes',
    makes: (object) =>
      listOf(specOf(object)['volumeClaimTemplates']).flatMap((template) => {
        const name = valueAt(template, 'metadata', 'name');
        if (typeof name !== 'string') return [];
        const pattern = new RegExp(`^${name}-${nameOf(object)}-\\d+$`);
        return made('/PersistentVolumeClaim', () => pattern)(object);
      }),
  },
  // Binding to a class by name alone needs no StorageClass.
  {
    of: '/PersistentVolume',
    by: 'Kubernetes',
    makes: (object) => {
      const name = specOf(object)['storageClassName'];
      return typeof name === 'string' ? [{ kind: 'storage.k8s.io/StorageClass', name }] : [];
    },
  },
  {
    of: 'source.extensions.fluxcd.io/ArtifactGenerator',
    by: 'source-watcher',
    makes: (object) =>
      listOf(specOf(object)['artifacts']).flatMap((artifact) => {
        const name = valueAt(artifact, 'name');
        return typeof name === 'string' ? made('source.toolkit.fluxcd.io/ExternalArtifact', () => name)(object) : [];
      }),
  },
  {
    of: 'helm.toolkit.fluxcd.io/HelmRelease',
    by: 'helm-controller',
    makes: made('source.toolkit.fluxcd.io/HelmChart', ({ metadata }) => `${metadata.namespace ?? ''}-${metadata.name}`),
  },
  // Rook: keys of its CSI drivers and daemons, and a Service for each daemon that serves.
  { of: 'ceph.rook.io/CephCluster', by: 'Rook', makes: made('/Secret', () => /^rook-(ceph|csi)-/) },
  { of: 'ceph.rook.io/CephCluster', by: 'Rook', makes: made('/ConfigMap', () => /^rook-(ceph|config)-/) },
  {
    of: 'ceph.rook.io/CephCluster',
    by: 'Rook',
    makes: made('/Service', () => /^rook-ceph-(mgr|mgr-dashboard|exporter|mon-[a-z]+|osd-\d+)$/),
  },
  { of: 'ceph.rook.io/CephObjectStore', by: 'Rook', makes: prefixed('rook-ceph-rgw-') },
  {
    of: 'ceph.rook.io/CephObjectStoreUser',
    by: 'Rook',
    makes: (object) => {
      const { store } = specOf(object);
      return typeof store === 'string'
        ? made('/Secret', ({ metadata }) => `rook-ceph-object-user-${store}-${metadata.name}`)(object)
        : [];
    },
  },
  {
    of: 'ceph.rook.io/CephNFS',
    by: 'Rook',
    makes: made('/Service', ({ metadata }) => new RegExp(`^rook-ceph-nfs-${metadata.name}-`)),
  },
  { of: 'objectbucket.io/ObjectBucketClaim', by: 'Rook', makes: suffixed('')('/Secret') },
  { of: 'objectbucket.io/ObjectBucketClaim', by: 'Rook', makes: suffixed('')('/ConfigMap') },
  {
    of: 'postgresql.cnpg.io/Cluster',
    by: 'CloudNativePG',
    makes: suffixed('-rw', '-ro', '-r')('/Service'),
  },
  {
    of: 'postgresql.cnpg.io/Cluster',
    by: 'CloudNativePG',
    makes: suffixed('-app', '-superuser', '-ca', '-server', '-replication')('/Secret'),
  },
  { of: 'postgresql.cnpg.io/Cluster', by: 'CloudNativePG', makes: suffixed('')('/ServiceAccount') },
  { of: 'postgresql.cnpg.io/Pooler', by: 'CloudNativePG', makes: suffixed('')('/Service') },
  { of: 'postgresql.cnpg.io/Pooler', by: 'CloudNativePG', makes: suffixed('')('apps/Deployment') },
  {
    of: 'monitoring.coreos.com/Prometheus',
    by: 'the Prometheus operator',
    makes: made('/Service', () => 'prometheus-operated'),
  },
  {
    of: 'monitoring.coreos.com/Alertmanager',
    by: 'the Prometheus operator',
    makes: made('/Service', () => 'alertmanager-operated'),
  },
  {
    of: 'monitoring.coreos.com/ThanosRuler',
    by: 'the Prometheus operator',
    makes: made('/Service', () => 'thanos-ruler-operated'),
  },
  victoriaMetrics('VMSingle', 'vmsingle-'),
  victoriaMetrics('VMAgent', 'vmagent-'),
  victoriaMetrics('VMAlert', 'vmalert-'),
  victoriaMetrics('VMAlertmanager', 'vmalertmanager-'),
  victoriaMetrics('VMAuth', 'vmauth-'),
  victoriaMetrics('VMCluster', 'vmcluster-', 'vmselect-', 'vminsert-', 'vmstorage-'),
  victoriaMetrics('VLogs', 'vlogs-'),
  victoriaMetrics('VLSingle', 'vlsingle-'),
  victoriaMetrics('VLCluster', 'vlcluster-', 'vlselect-', 'vlinsert-', 'vlstorage-'),
  { of: 'dragonflydb.io/Dragonfly', by: 'the Dragonfly operator', makes: suffixed('')('/Service') },
  { of: 'kafka.strimzi.io/Kafka', by: 'Strimzi', makes: suffixed('-kafka-bootstrap', '-kafka-brokers')('/Service') },
  { of: 'kafka.strimzi.io/Kafka', by: 'Strimzi', makes: suffixed('-cluster-ca-cert', '-clients-ca-cert')('/Secret') },
  { of: 'kafka.strimzi.io/KafkaUser', by: 'Strimzi', makes: suffixed('')('/Secret') },
  {
    of: 'k8s.keycloak.org/Keycloak',
    by: 'the Keycloak operator',
    makes: suffixed('-service', '-discovery')('/Service'),
  },
  { of: 'k8s.keycloak.org/Keycloak', by: 'the Keycloak operator', makes: suffixed('-initial-admin')('/Secret') },
];

/** Groups whose objects make nothing that a reference could name, besides what `makers` lists. */
const silentGroups: ReadonlySet<string> = new Set([
  ...makers.map(({ of }) => of.slice(0, of.lastIndexOf('/'))),
  'cert-manager.io',
  'acme.cert-manager.io',
  'cilium.io',
  'external-secrets.io',
  'externaldns.k8s.io',
  'gateway.networking.k8s.io',
  'groupsnapshot.storage.k8s.io',
  'kustomize.toolkit.fluxcd.io',
  'notification.toolkit.fluxcd.io',
  'image.toolkit.fluxcd.io',
  'snapshot.storage.k8s.io',
  'source.toolkit.fluxcd.io',
  'volsync.backube',
]);

/** Whether a controller that is not known here may make objects from this one. */
export function mayMakeAnything(object: KubernetesObject): boolean {
  const group = groupOf(object);
  // Groups without a dot, and those of Kubernetes itself.
  if (!group.includes('.') || (group.endsWith('.k8s.io') && !group.includes('.x-k8s.io'))) return false;
  return group !== 'fluxcd.controlplane.io' && !group.endsWith('kyverno.io') && !silentGroups.has(group);
}

const builtIn: readonly Made[] = [
  { kind: '/ServiceAccount', namespace: '*', name: 'default' },
  { kind: '/ConfigMap', namespace: '*', name: 'kube-root-ca.crt' },
  { kind: '/ConfigMap', namespace: 'kube-system', name: 'extension-apiserver-authentication' },
  { kind: '/ConfigMap', namespace: 'kube-public', name: 'cluster-info' },
  { kind: '/Service', namespace: 'default', name: 'kubernetes' },
  {
    kind: '/ServiceAccount',
    namespace: 'kube-system',
    name: /-controller$|^(node-bootstrapper|pod-garbage-collector)$/,
  },
  { kind: 'scheduling.k8s.io/PriorityClass', name: /^system-(cluster|node)-critical$/ },
  {
    kind: 'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration',
    name: /^(exempt|catch-all|system|node-high|leader-election|workload-(high|low)|global-default)$/,
  },
  { kind: 'rbac.authorization.k8s.io/ClusterRole', name: /^(cluster-admin|admin|edit|view)$|^system:/ },
  {
    kind: 'rbac.authorization.k8s.io/Role',
    namespace: 'kube-system',
    name: /^extension-apiserver-authentication-reader$|^system:/,
  },
];

// https://fluxoperator.dev/docs/instance/: what its manifests contain besides Deployments of the components' names.
const fluxServices: Readonly<Record<string, readonly string[]>> = {
  'source-controller': ['source-controller'],
  'notification-controller': ['notification-controller', 'webhook-receiver'],
  'source-watcher': ['source-watcher'],
};

const fluxControllers =
  /^(source|kustomize|helm|notification|image-(reflector|automation))-controller$|^source-watcher$/;

function fluxMakes(tree: Tree, cluster: TreeCluster): Made[] {
  const components = fluxComponentsOf(cluster);
  const found = fluxInstances(cluster).flatMap(({ namespace }): Made[] => [
    { kind: '/ServiceAccount', namespace, name: fluxControllers },
    ...[...components].flatMap((component): Made[] => [
      { kind: 'apps/Deployment', namespace, name: component },
      ...(fluxServices[component] ?? []).map((name) => ({ kind: '/Service', namespace, name })),
    ]),
    { kind: 'rbac.authorization.k8s.io/ClusterRole', name: /^(crd-controller|flux-(edit|view))-/ },
  ]);
  const synced = fluxSyncs(cluster).flatMap(({ kind, namespace, name }): Made[] => [
    { kind: `source.toolkit.fluxcd.io/${kind}`, namespace, name },
    { kind: 'kustomize.toolkit.fluxcd.io/Kustomization', namespace, name },
  ]);
  // In another repository, whoever installed Flux may have created the sources of Kustomizations.
  const installed = tree.program === undefined ? cluster.kustomizations.flatMap(sourceOf) : [];
  // Kustomizations that were rendered exist, even if only the installation of Flux made them.
  const rendered = cluster.kustomizations.map(({ namespace, name }) => ({
    kind: 'kustomize.toolkit.fluxcd.io/Kustomization',
    namespace,
    name,
  }));
  const { program } = tree;
  const accounts = new RegExp(`${fluxControllers.source}|^flux-operator$`);
  const ours =
    program === undefined ? [] : [{ kind: '/ServiceAccount', namespace: program.fluxNamespace, name: accounts }];
  return [...found, ...synced, ...installed, ...rendered, ...ours];
}

/** The source of a Kustomization; where Git does not give it, the one that `flux bootstrap` creates. */
function sourceOf({ object, namespace }: TreeKustomization): Made[] {
  const ref = specOf(object)['sourceRef'];
  const [kind, name, other = namespace] = ['kind', 'name', 'namespace'].map((field) => valueAt(ref, field));
  const known = typeof name === 'string' && typeof other === 'string' ? { namespace: other, name } : undefined;
  const kinds = typeof kind === 'string' ? [kind] : ['GitRepository', 'OCIRepository', 'Bucket'];
  const target = known ?? { namespace: 'flux-system', name: 'flux-system' };
  return kinds.map((one) => ({ kind: `source.toolkit.fluxcd.io/${one}`, ...target }));
}

function programMakes(tree: Tree, cluster: TreeCluster): Made[] {
  return [
    ...seededSecrets(tree.program, cluster).map(({ namespace, name }) => ({ kind: '/Secret', namespace, name })),
    ...(tree.program?.configMaps ?? []).map(({ namespace, name }) => ({ kind: '/ConfigMap', namespace, name })),
    ...(tree.program?.namespaces ?? []).map((name) => ({ kind: '/Namespace', name })),
  ];
}

function objectMakes(treeObject: Pick<TreeObject, 'object'>): Made[] {
  const { object } = treeObject;
  const secret = secretOf(treeObject);
  const made = secret === undefined ? [] : [{ kind: '/Secret', namespace: secret.namespace ?? '*', name: secret.name }];
  const kind = `${groupOf(object)}/${object.kind}`;
  return [...made, ...makers.filter(({ of }) => of === kind).flatMap(({ makes }) => makes(object))];
}

/** The objects that Rook's chart lets the operator make: those of the CephCluster and object stores in its values. */
function rookChartMakes(cluster: TreeCluster): Made[] {
  return [...releases(cluster)].flatMap(({ release, chart }): Made[] => {
    if (chart.name !== 'rook-ceph-cluster') return [];
    const { namespace } = release.object.metadata;
    const of = (kind: string, name: string): KubernetesObject => ({
      apiVersion: 'ceph.rook.io/v1',
      kind,
      metadata: { name, namespace },
    });
    const stores = listOf(valuesOf(release.object)['cephObjectStores']).flatMap((store) => {
      const name = valueAt(store, 'name');
      return typeof name === 'string' ? [of('CephObjectStore', name)] : [];
    });
    return [of('CephCluster', 'rook-ceph'), ...stores].flatMap((object) =>
      makers.filter(({ of: kind }) => kind === `ceph.rook.io/${object.kind}`).flatMap(({ makes }) => makes(object)),
    );
  });
}

/** What the charts of a cluster render, with their namespaces; empty without `--charts`. */
function renderedObjects(tree: Tree, cluster: TreeCluster): KubernetesObject[] {
  return cluster.objects.flatMap((release) => {
    const namespace = targetNamespace(release);
    return (tree.chartObjects?.get(release) ?? []).map((object) => ({
      ...object,
      metadata: { namespace, ...object.metadata },
    }));
  });
}

/** Objects on a cluster that Git does not hold itself, but that something known makes. */
export class MadeObjects {
  private readonly named = new Set<string>();
  private readonly patterns: (Made & { name: RegExp })[] = [];

  constructor(tree: Tree, cluster: TreeCluster) {
    const all = [
      ...builtIn,
      ...fluxMakes(tree, cluster),
      ...programMakes(tree, cluster),
      ...rookChartMakes(cluster),
      ...cluster.objects.flatMap(objectMakes),
      ...renderedObjects(tree, cluster).flatMap((object) => objectMakes({ object })),
    ];
    for (const entry of all) {
      const { name } = entry;
      if (typeof name === 'string') this.named.add(`${entry.kind} ${entry.namespace ?? ''}/${name}`);
      else this.patterns.push({ ...entry, name });
    }
  }

  has({ kind, namespace = '', name }: Target): boolean {
    if (this.named.has(`${kind} ${namespace}/${name}`) || this.named.has(`${kind} */${name}`)) return true;
    return this.patterns.some(
      (made) =>
        made.kind === kind && (made.namespace === '*' || (made.namespace ?? '') === namespace) && made.name.test(name),
    );
  }
}

/** Namespaces that a controller takes from its own settings: undefined if its release is not in Git. */
export const fixedNamespaces: Readonly<
  Record<'certManager' | 'ciliumBgpSecrets', (cluster: TreeCluster) => string | undefined>
> = {
  certManager: (cluster) => {
    const found = [...releases(cluster)].find(({ chart }) => chart.name === 'cert-manager')?.release;
    if (found === undefined) return undefined;
    const own = valuesOf(found.object)['clusterResourceNamespace'];
    return typeof own === 'string' && own !== '' ? own : targetNamespace(found);
  },
  ciliumBgpSecrets: (cluster) => {
    const [cilium] = ciliumReleases(cluster);
    const own = valueAt(cilium?.values, 'bgpControlPlane', 'secretsNamespace', 'name');
    return cilium === undefined ? undefined : typeof own === 'string' ? own : 'kube-system';
  },
};
