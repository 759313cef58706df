/** A chart that installs CustomResourceDefinitions. */
export interface CrdChart {
  /** The chart's name: the last segment of its URL. */
  name: string;
  /** Paths of the values that toggle the CRDs; the first one that is set wins. Without any, CRDs are always installed. */
  switches?: readonly (readonly string[])[];
  /** Whether CRDs are installed when no switch is set. */
  onByDefault?: boolean;
}

/** What installs the CustomResourceDefinitions of a set of API groups. */
export interface CrdOwner {
  groups: readonly string[];
  charts?: readonly CrdChart[];
  /** Names of Flux Kustomizations with an external source, whose content is not in this repository. */
  kustomizations?: readonly string[];
}

/**
 * Which chart or external source installs the CRDs of which API group, because Git alone does not say. A group whose
 * CustomResourceDefinitions are in the tree needs no entry.
 */
export const crdOwners: readonly CrdOwner[] = [
  { groups: ['gateway.networking.k8s.io', 'gateway.networking.x-k8s.io'], kustomizations: ['gateway-api'] },
  {
    groups: ['monitoring.coreos.com'],
    charts: [{ name: 'prometheus-operator-crds' }, { name: 'kube-prometheus-stack', switches: [['crds', 'enabled']] }],
  },
  {
    groups: ['operator.victoriametrics.com'],
    charts: [
      { name: 'victoria-metrics-operator-crds' },
      { name: 'victoria-metrics-operator', switches: [['crds', 'enabled']] },
      {
        name: 'victoria-metrics-k8s-stack',
        switches: [
          ['victoria-metrics-operator', 'crds', 'enabled'],
          ['victoria-metrics-operator', 'enabled'],
        ],
      },
    ],
  },
  {
    groups: ['cert-manager.io', 'acme.cert-manager.io'],
    charts: [{ name: 'cert-manager', switches: [['crds', 'enabled'], ['installCRDs']], onByDefault: false }],
  },
  {
    groups: ['external-secrets.io', 'generators.external-secrets.io'],
    charts: [{ name: 'external-secrets', switches: [['installCRDs']] }],
  },
  // Not in the chart: the operator creates them on startup, and its release becomes ready only after that.
  { groups: ['cilium.io'], charts: [{ name: 'cilium' }] },
  { groups: ['fluxcd.controlplane.io'], charts: [{ name: 'flux-operator', switches: [['installCRDs']] }] },
  {
    groups: ['ceph.rook.io', 'objectbucket.io', 'csi.ceph.io'],
    charts: [{ name: 'rook-ceph', switches: [['crds', 'enabled']] }],
  },
  {
    groups: ['snapshot.storage.k8s.io', 'groupsnapshot.storage.k8s.io'],
    charts: [
      { name: 'snapshot-controller' },
      { name: 'openebs', switches: [['openebs-crds', 'csi', 'volumeSnapshots', 'enabled']] },
    ],
  },
  { groups: ['volsync.backube'], charts: [{ name: 'volsync', switches: [['manageCRDs']] }] },
  { groups: ['postgresql.cnpg.io'], charts: [{ name: 'cloudnative-pg', switches: [['crds', 'create']] }] },
  { groups: ['barmancloud.cnpg.io'], charts: [{ name: 'plugin-barman-cloud', switches: [['crds', 'create']] }] },
  { groups: ['kafka.strimzi.io', 'core.strimzi.io'], charts: [{ name: 'strimzi-kafka-operator' }] },
  { groups: ['dragonflydb.io'], charts: [{ name: 'dragonfly-operator', switches: [['crds', 'install']] }] },
  { groups: ['k8s.keycloak.org'], kustomizations: ['keycloak-crds', 'keycloak-operator'] },
  { groups: ['actions.github.com'], charts: [{ name: 'gha-runner-scale-set-controller' }] },
  { groups: ['grafana.integreatly.org'], charts: [{ name: 'grafana-operator' }] },
  { groups: ['tuppr.home-operations.com'], charts: [{ name: 'tuppr' }] },
  { groups: ['externaldns.k8s.io'], charts: [{ name: 'external-dns' }] },
  {
    groups: ['kyverno.io', 'policies.kyverno.io', 'reports.kyverno.io', 'wgpolicyk8s.io'],
    charts: [{ name: 'kyverno', switches: [['crds', 'install']] }],
  },
];

/** API groups with a dot in their name that Kubernetes 1.34 serves itself; groups without a dot are all built in. */
export const builtInGroups: ReadonlySet<string> = new Set(
  [
    'admissionregistration',
    'apiextensions',
    'apiregistration',
    'authentication',
    'authorization',
    'certificates',
    'coordination',
    'discovery',
    'events',
    'flowcontrol.apiserver',
    'internal.apiserver',
    'networking',
    'node',
    'rbac.authorization',
    'resource',
    'scheduling',
    'storage',
    'storagemigration',
  ].map((name) => `${name}.k8s.io`),
);

/**
 * The Flux controllers that provide an API group: one of them must be among the FluxInstance's components. Flux's other
 * API groups exist wherever a Flux Kustomization does.
 */
export const fluxComponents: Readonly<Record<string, readonly string[]>> = {
  'image.toolkit.fluxcd.io': ['image-reflector-controller', 'image-automation-controller'],
  'notification.toolkit.fluxcd.io': ['notification-controller'],
  'source.extensions.fluxcd.io': ['source-watcher'],
};
