/**
 * The scrape jobs of each system: a target of each is expected on every cluster that lists the system and measures. A job is
 * the name of the Service that a ServiceMonitor selects, or namespace and name of a PodMonitor, unless its labels say otherwise.
 * Jobs of charts are from the charts' templates at the pinned versions.
 */
export const jobsOfSystem: Readonly<Record<string, readonly string[]>> = {
  core: [
    'cert-manager',
    'cilium-agent',
    'cilium-envoy',
    'cilium-operator',
    'coredns-metrics',
    'external-secrets-metrics',
    'flux-operator',
    'hubble-metrics',
    'hubble-relay-metrics',
    'spegel',
  ],
  'cilium-clustermesh': ['clustermesh-apiserver-metrics'],
  cloudflared: ['networking/cloudflared'],
  'external-dns-cloudflare': ['external-dns-cloudflare'],
  'external-dns-rfc2136': ['external-dns-rfc2136'],
  'flux-monitoring': ['flux-system/flux-controllers'],
  kafka: ['messaging/entity-operator', 'messaging/kafka', 'messaging/strimzi-cluster-operator'],
  gitlab: ['gitlab-gitaly', 'gitlab-gitlab-exporter', 'gitlab-system/gitlab-sidekiq', 'gitlab-webservice-default'],
  'gitlab-runner': ['gitlab-runner'],
  harbor: ['harbor-core', 'harbor-exporter', 'harbor-jobservice', 'harbor-registry'],
  logs: ['fluent-bit'],
  'logs-store': ['victoria-logs-vlinsert', 'victoria-logs-vlselect', 'victoria-logs-vlstorage'],
  metrics: [
    'apiserver',
    'etcd',
    'kube-controller-manager',
    'kube-scheduler',
    'kube-state-metrics',
    'kubelet',
    'node-exporter',
    'vmagent-collector',
  ],
  'metrics-server': ['metrics-server'],
  'metrics-store': [
    'blackbox',
    'vmalert-global',
    'vmalertmanager-global',
    'vmauth-global',
    'vminsert-global',
    'vmselect-global',
    'vmstorage-global',
  ],
  'rook-ceph': ['rook-ceph-exporter', 'rook-ceph-mgr'],
  volsync: ['volsync-metrics'],
};
