/** The source of one chart. */
export interface ChartSource {
  /** Registry and repository without "oci://", as in the OCIRepository: the last segment is the chart's name. */
  ociPath: string;
  /** True: the publisher has only a Helm repository. `ociPath` is then its host and path, as in the HelmRepository, and the name. */
  helmRepository?: true;
  /** Chart version, which is also the OCI tag. */
  version: string;
  appVersion: string;
  /** True: the upstream chart, from a pinned Go module. False: a stand-in, from `charts/` or generated from CRDs. */
  real: boolean;
  /** Go module that ships the chart or, for a stand-in, its CRDs. Absent for a stand-in without CRDs. */
  module?: string;
  /** Folder of the upstream chart in the module. */
  path?: string;
  /** File or folder of CRD manifests in the module that become templates of the chart. */
  crds?: string;
}

/** All charts of the lab, by name. A test checks that the versions are the ones pinned in `kubernetes/`. */
export const chartSources: Readonly<Record<string, ChartSource>> = {
  cilium: {
    ociPath: 'quay.io/cilium/charts/cilium',
    version: '1.18.3',
    appVersion: '1.18.3',
    real: true,
    module: 'github.com/cilium/cilium',
    path: 'install/kubernetes/cilium',
  },
  'cert-manager': {
    ociPath: 'quay.io/jetstack/charts/cert-manager',
    version: 'v1.19.1',
    appVersion: 'v1.19.1',
    real: true,
    module: 'github.com/cert-manager/cert-manager',
    path: 'deploy/charts/cert-manager',
  },
  'external-secrets': {
    ociPath: 'ghcr.io/external-secrets/charts/external-secrets',
    version: '0.20.3',
    appVersion: 'v0.20.3',
    real: true,
    module: 'github.com/external-secrets/external-secrets',
    path: 'deploy/charts/external-secrets',
    crds: 'config/crds/bases',
  },
  coredns: {
    ociPath: 'ghcr.io/coredns/charts/coredns',
    version: '1.45.0',
    appVersion: '1.13.1',
    real: false,
  },
  spegel: {
    ociPath: 'ghcr.io/spegel-org/helm-charts/spegel',
    version: '0.4.0',
    appVersion: 'v0.4.0',
    real: false,
  },
  'flux-operator': {
    ociPath: 'ghcr.io/controlplaneio-fluxcd/charts/flux-operator',
    version: '0.58.0',
    appVersion: 'v0.58.0',
    real: false,
    module: 'github.com/controlplaneio-fluxcd/flux-operator',
    crds: 'config/crd/bases',
  },
  'flux-instance': {
    ociPath: 'ghcr.io/controlplaneio-fluxcd/charts/flux-instance',
    version: '0.58.0',
    appVersion: 'v0.58.0',
    real: false,
  },
  'prometheus-operator-crds': {
    ociPath: 'ghcr.io/prometheus-community/charts/prometheus-operator-crds',
    version: '24.0.1',
    appVersion: 'v0.86.1',
    real: false,
    module: 'github.com/prometheus-operator/prometheus-operator',
    crds: 'example/prometheus-operator-crd',
  },
  'victoria-metrics-operator-crds': {
    ociPath: 'ghcr.io/victoriametrics/helm-charts/victoria-metrics-operator-crds',
    version: '0.5.1',
    appVersion: 'v0.63.0',
    real: false,
    module: 'github.com/VictoriaMetrics/operator',
    crds: 'config/crd/overlay/crd.yaml',
  },
  'victoria-metrics-k8s-stack': {
    ociPath: 'ghcr.io/victoriametrics/helm-charts/victoria-metrics-k8s-stack',
    version: '0.61.8',
    appVersion: 'v1.127.0',
    real: false,
  },
  'snapshot-controller': {
    ociPath: 'ghcr.io/piraeusdatastore/helm-charts/snapshot-controller',
    version: '4.1.1',
    appVersion: 'v8.3.0',
    real: false,
    module: 'github.com/kubernetes-csi/external-snapshotter/client/v8',
    crds: 'config/crd',
  },
  'rook-ceph': {
    ociPath: 'ghcr.io/rook/rook-ceph',
    version: 'v1.18.6',
    appVersion: 'v1.18.6',
    real: true,
    module: 'github.com/rook/rook',
    path: 'deploy/charts/rook-ceph',
  },
  'rook-ceph-cluster': {
    ociPath: 'ghcr.io/rook/rook-ceph-cluster',
    version: 'v1.18.6',
    appVersion: 'v1.18.6',
    real: true,
    module: 'github.com/rook/rook',
    path: 'deploy/charts/rook-ceph-cluster',
  },
  openebs: {
    ociPath: 'ghcr.io/home-operations/charts-mirror/openebs',
    version: '4.3.3',
    appVersion: '4.3.3',
    real: false,
  },
  volsync: {
    ociPath: 'ghcr.io/home-operations/charts-mirror/volsync',
    version: '0.14.0',
    appVersion: '0.14.0',
    real: true,
    module: 'github.com/backube/volsync',
    path: 'helm/volsync',
  },
  // The module at v0.19.0 contains the chart as of shortly before its release 1.19.0.
  'external-dns': {
    ociPath: 'ghcr.io/home-operations/charts-mirror/external-dns',
    version: '1.19.0',
    appVersion: '0.19.0',
    real: true,
    module: 'sigs.k8s.io/external-dns',
    path: 'charts/external-dns',
  },
  'metrics-server': {
    ociPath: 'ghcr.io/home-operations/charts-mirror/metrics-server',
    version: '3.13.0',
    appVersion: '0.8.0',
    real: false,
  },
  'strimzi-kafka-operator': {
    ociPath: 'quay.io/strimzi-helm/strimzi-kafka-operator',
    version: '0.48.0',
    appVersion: '0.48.0',
    real: false,
  },
  'gha-runner-scale-set-controller': {
    ociPath: 'ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set-controller',
    version: '0.12.0',
    appVersion: '0.12.0',
    real: false,
  },
  'gha-runner-scale-set': {
    ociPath: 'ghcr.io/actions/actions-runner-controller-charts/gha-runner-scale-set',
    version: '0.12.0',
    appVersion: '0.12.0',
    real: false,
  },
  'victoria-logs-cluster': {
    ociPath: 'ghcr.io/victoriametrics/helm-charts/victoria-logs-cluster',
    version: '0.0.17',
    appVersion: 'v1.36.1',
    real: false,
  },
  'fluent-bit': {
    ociPath: 'ghcr.io/home-operations/charts-mirror/fluent-bit',
    version: '0.53.0',
    appVersion: '4.0.7',
    real: false,
  },
  grafana: {
    ociPath: 'ghcr.io/grafana/helm-charts/grafana',
    version: '10.1.2',
    appVersion: '12.2.0',
    real: false,
  },
  // Our clusters do not list these two.
  'opentelemetry-collector': {
    ociPath: 'ghcr.io/open-telemetry/opentelemetry-helm-charts/opentelemetry-collector',
    version: '0.137.0',
    appVersion: '0.137.0',
    real: false,
  },
  'victoria-traces-single': {
    ociPath: 'ghcr.io/victoriametrics/helm-charts/victoria-traces-single',
    version: '0.0.2',
    appVersion: 'v0.4.0',
    real: false,
  },
  'cloudnative-pg': {
    ociPath: 'ghcr.io/cloudnative-pg/charts/cloudnative-pg',
    version: '0.26.0',
    appVersion: '1.27.0',
    real: false,
    module: 'github.com/cloudnative-pg/cloudnative-pg',
    crds: 'config/crd/bases',
  },
  'plugin-barman-cloud': {
    ociPath: 'ghcr.io/cloudnative-pg/charts/plugin-barman-cloud',
    version: '0.2.0',
    appVersion: 'v0.7.0',
    real: false,
    module: 'github.com/cloudnative-pg/plugin-barman-cloud',
    crds: 'config/crd/bases',
  },
  'dragonfly-operator': {
    ociPath: 'ghcr.io/dragonflydb/dragonfly-operator/helm/dragonfly-operator',
    version: 'v1.3.0',
    appVersion: 'v1.3.0',
    real: false,
  },
  gitlab: {
    ociPath: 'charts.gitlab.io/gitlab',
    helmRepository: true,
    version: '9.5.1',
    appVersion: 'v18.5.1',
    real: false,
  },
  'gitlab-runner': {
    ociPath: 'charts.gitlab.io/gitlab-runner',
    helmRepository: true,
    version: '0.82.0',
    appVersion: '18.5.0',
    real: false,
  },
  harbor: {
    ociPath: 'helm.goharbor.io/harbor',
    helmRepository: true,
    version: '1.18.0',
    appVersion: '2.14.0',
    real: false,
  },
};

/** The Gateway API has no chart: the lab serves its repository at one tag, from the Go module of the same version. */
export const gatewayApi = {
  host: 'github.com',
  repository: 'kubernetes-sigs/gateway-api',
  module: 'sigs.k8s.io/gateway-api',
  tag: 'v1.3.0',
} as const;
