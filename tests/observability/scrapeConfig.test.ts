import { hostTargets, nodeTargets } from '../../lab/observability/hostTargets';
import type { ClusterObjects, Item } from '../../lab/observability/objects';
import { scrapeConfig } from '../../lab/observability/scrapeConfig';

const item = (name: string, spec: Item['spec'], namespace = 'observability'): Item => ({
  metadata: { name, namespace },
  spec,
});

const none: ClusterObjects = {
  vmAgents: [],
  vmAuths: [],
  vmUsers: [],
  vmAlerts: [],
  vmRules: [],
  vmAlertmanagers: [],
  vmAlertmanagerConfigs: [],
  vmClusters: [],
  serviceScrapes: [],
  podScrapes: [],
  nodeScrapes: [],
  serviceMonitors: [],
  podMonitors: [],
  certificates: [],
  issuers: [],
};
const agent = item('collector', {
  selectAllByDefault: true,
  scrapeInterval: '30s',
  externalLabels: { cluster: 'c' },
});
const options = {
  apiServer: 'https://127.0.0.1:6443',
  accountDir: '/account',
  pods: [{ namespace: 'ns', pod: 'web-[a-z]+', port: 8080, address: '127.0.0.1:5' }],
  nodes: [{ from: '10.0.0.1:2381', to: '127.0.0.1:2381' }],
  own: [],
};
const discovery = (role: string, ...names: string[]) => ({
  kubernetes_sd_configs: [
    {
      role,
      ...(names.length > 0 && { namespaces: { names } }),
      api_server: 'https://127.0.0.1:6443',
      bearer_token_file: '/account/token',
      tls_config: { ca_file: '/account/ca.crt' },
    },
  ],
});
const last: object[] = [
  { if: '{instance=""}', source_labels: ['__address__'], target_label: 'instance' },
  {
    source_labels: ['__address__'],
    regex: '10\\.0\\.0\\.1:2381',
    target_label: '__address__',
    replacement: '127.0.0.1:2381',
  },
  { action: 'keep', source_labels: ['__address__'], regex: '127\\..+' },
];
const lastOfPods = last.toSpliced(1, 0, {
  source_labels: ['__meta_kubernetes_namespace', '__meta_kubernetes_pod_name', '__address__'],
  separator: ';',
  regex: 'ns;web-[a-z]+;[^;]+:8080',
  target_label: '__address__',
  replacement: '127.0.0.1:5',
});
const label = (source: string, target: string) => ({ source_labels: [source], target_label: target });

test('targets of a ServiceMonitor: discovered as endpoints, with the Service as job', () => {
  const monitor = item(
    'web',
    {
      selector: { matchLabels: { 'app.kubernetes.io/name': 'web' } },
      namespaceSelector: { matchNames: ['ns', 'other'] },
      endpoints: [
        {
          targetPort: 8080,
          path: '/m',
          interval: '1m',
          relabelings: [{ action: 'replace', sourceLabels: ['a'], targetLabel: 'b' }],
          metricRelabelings: [{ action: 'labeldrop', regex: 'id' }],
        },
      ],
    },
    'ns',
  );
  const { config, leftOut } = scrapeConfig(agent, { ...none, serviceMonitors: [monitor] }, options);
  const target = ['__meta_kubernetes_endpoint_address_target_kind', '__meta_kubernetes_endpoint_address_target_name'];
  const ofKind = (kind: string, name: string) => ({
    source_labels: target,
    separator: ';',
    regex: `${kind};(.*)`,
    replacement: '${1}',
    target_label: name,
  });
  expect(leftOut).toEqual([]);
  expect(config).toEqual({
    global: { scrape_interval: '30s', external_labels: { cluster: 'c' } },
    scrape_configs: [
      {
        job_name: 'serviceScrape/ns/web/0',
        ...discovery('endpoints', 'ns', 'other'),
        honor_labels: false,
        scrape_interval: '1m',
        metrics_path: '/m',
        relabel_configs: [
          {
            action: 'keep',
            source_labels: ['__meta_kubernetes_service_label_app_kubernetes_io_name'],
            regex: 'web',
          },
          { action: 'keep', source_labels: ['__meta_kubernetes_pod_container_port_number'], regex: '8080' },
          ofKind('Node', 'node'),
          ofKind('Pod', 'pod'),
          label('__meta_kubernetes_pod_name', 'pod'),
          label('__meta_kubernetes_pod_container_name', 'container'),
          label('__meta_kubernetes_namespace', 'namespace'),
          label('__meta_kubernetes_service_name', 'service'),
          { ...label('__meta_kubernetes_service_name', 'job'), replacement: '${1}' },
          { target_label: 'endpoint', replacement: '8080' },
          { action: 'replace', source_labels: ['a'], target_label: 'b' },
          ...lastOfPods,
        ],
        metric_relabel_configs: [{ action: 'labeldrop', regex: 'id' }],
      },
    ],
  });
});

test('targets of a PodMonitor: discovered as pods, with its name as job', () => {
  const monitor = item('flux', { selector: {}, podMetricsEndpoints: [{ port: 'http-prom' }] }, 'ns');
  const { config } = scrapeConfig(agent, { ...none, podMonitors: [monitor] }, options);
  expect(config.scrape_configs).toEqual([
    {
      job_name: 'podScrape/ns/flux/0',
      ...discovery('pod', 'ns'),
      honor_labels: false,
      relabel_configs: [
        { action: 'drop', source_labels: ['__meta_kubernetes_pod_phase'], regex: '(Failed|Succeeded)' },
        { action: 'keep', source_labels: ['__meta_kubernetes_pod_container_port_name'], regex: 'http-prom' },
        label('__meta_kubernetes_namespace', 'namespace'),
        label('__meta_kubernetes_pod_container_name', 'container'),
        label('__meta_kubernetes_pod_name', 'pod'),
        { target_label: 'job', replacement: 'ns/flux' },
        { target_label: 'endpoint', replacement: 'http-prom' },
        ...lastOfPods,
      ],
    },
  ]);
});

test('targets of a VMNodeScrape: another port, TLS, and the account of a pod', () => {
  const node = item('etcd', {
    selector: { matchExpressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] },
    port: '2381',
    scheme: 'HTTPS',
    tlsConfig: { insecureSkipVerify: true },
    bearerTokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token',
    relabelConfigs: [{ targetLabel: 'job', replacement: 'etcd' }],
  });
  const haste = { interval: 5, pending: 10 };
  const { config } = scrapeConfig(agent, { ...none, nodeScrapes: [node] }, { ...options, haste });
  expect(config.global['scrape_interval']).toBe('5s');
  expect(config.scrape_configs).toEqual([
    {
      job_name: 'nodeScrape/observability/etcd',
      ...discovery('node'),
      honor_labels: false,
      scheme: 'https',
      tls_config: { insecure_skip_verify: true },
      bearer_token_file: '/account/token',
      relabel_configs: [
        {
          action: 'keep',
          source_labels: ['__meta_kubernetes_node_labelpresent_node_role_kubernetes_io_control_plane'],
          regex: 'true',
        },
        label('__meta_kubernetes_node_name', 'node'),
        { target_label: 'job', replacement: 'observability/etcd' },
        { ...label('__address__', '__address__'), regex: '^(.*):(.*)', replacement: '${1}:2381' },
        { target_label: 'job', replacement: 'etcd' },
        ...last,
      ],
    },
  ]);
});

test('targets with a credential that is not rendered are left out by name', () => {
  const monitor = item('web', {
    endpoints: [
      { port: 'a', basicAuth: {} },
      { port: 'b', tlsConfig: { ca: { secret: {} } } },
    ],
  });
  const { config, leftOut } = scrapeConfig(agent, { ...none, serviceScrapes: [monitor] }, options);
  expect(config.scrape_configs).toEqual([]);
  expect(leftOut).toEqual([
    'serviceScrape/observability/web/0: the lab does not render basicAuth',
    'serviceScrape/observability/web/1: the lab does not render tlsConfig.ca',
  ]);
  expect(() => scrapeConfig(item('collector', {}), none, options)).toThrow(
    'VMAgent observability/collector: the lab renders agents with selectAllByDefault only',
  );
});

test('targets on this host: programs of the agent by their ports, control planes by their addresses', () => {
  const targets = hostTargets((name) => name.length);
  expect(targets).toContainEqual({
    namespace: 'flux-system',
    pod: 'source-controller-[a-z0-9]+-[a-z0-9]+',
    port: 8080,
    address: `127.0.0.1:${'source-controller-metrics'.length}`,
  });
  const node = (name: string, role: 'controlplane' | 'worker') => ({
    name,
    role,
    address: `10.0.0.${name}`,
    endpoint: `127.0.0.${name}`,
    links: { names: [], selectors: [] },
  });
  const cluster = {
    name: 'c',
    settings: {},
    nodes: [node('1', 'controlplane'), node('2', 'controlplane'), node('3', 'worker')],
  };
  const ports = (ha: boolean) => nodeTargets(cluster, ha).map(({ from }) => from);
  expect(ports(false)).toEqual(['10.0.0.1:2381', '10.0.0.1:6443', '10.0.0.1:10257', '10.0.0.1:10259', '10.0.0.2:2381']);
  expect(ports(true)).toHaveLength(8);
});
