/** A chart that brings CustomResourceDefinitions. */
export interface CrdChart {
  /** The chart's own name: the last segment of its address. */
  name: string;
  /** Paths in its values that switch the CRDs; the first that is set decides. None: they always come. */
  switches?: readonly (readonly string[])[];
  /** What holds when no switch is set. */
  onByDefault?: boolean;
}

/** What installs the CustomResourceDefinitions of some API groups. */
export interface CrdOwner {
  groups: readonly string[];
  charts?: readonly CrdChart[];
  /** Names of Flux Kustomizations with a source of somebody else's, whose content Git does not show. */
  kustomizations?: readonly string[];
}

/**
 * Who brings which API group, for what Git alone does not tell: charts and foreign sources. A group whose
 * CustomResourceDefinitions stand in the tree needs no row.
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
  // Not in the chart: the operator makes them when it starts, and its release is ready only after that.
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

/** API groups of Kubernetes 1.34 itself that have a dot in their name; those without one are all its own. */
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
 * Which controller of Flux must be among the components of FluxInstance for an API group to exist. Flux' other groups
 * are there wherever a Flux Kustomization is.
 */
export const fluxComponents: Readonly<Record<string, readonly string[]>> = {
  'image.toolkit.fluxcd.io': ['image-reflector-controller', 'image-automation-controller'],
  'notification.toolkit.fluxcd.io': ['notification-controller'],
  'source.extensions.fluxcd.io': ['source-watcher'],
};
