import { isMap, type Json, type JsonMap, listOf, textOf, valueAt } from '../../gitops/kubernetesObject';
import type { Haste } from './alertConfig';
import type { HostTarget, NodeTarget } from './hostTargets';
import { type Monitor, monitorsOf, namespacesOf } from './monitors';
import { type ClusterObjects, type Item, nameOf } from './objects';
import {
  copy,
  copyUnlessEmpty,
  fromObject,
  keep,
  labelName,
  type Relabeling,
  selecting,
  toThisHost,
} from './relabeling';

// What VictoriaMetrics operator 0.63 makes of a VMAgent (internal/controller/operator/factory/vmagent/{vmagent_scrapeconfig,
// servicescrape,podscrape,nodescrape}.go): discovery by the API server, the same relabelings in the same order, the same jobs. Ours:
// how the API server is reached, the paths of files, and the last relabelings (relabeling.ts).

/** A program of the lab with metrics of its own, which the operator would scrape by a VMServiceScrape that it makes. */
export interface OwnTarget {
  /** The operator's Service, which is the job: `vmauth-global`. */
  job: string;
  namespace: string;
  /** `host:port` on loopback. */
  address: string;
  /** With a certificate that the operator's scrape does not verify. */
  scheme?: 'https';
}

/** How a cluster's vmagent reaches things from this host. */
export interface ScrapeOptions {
  /** URL of the API server. */
  apiServer: string;
  /** The folder with `token` and `ca.crt`, in place of that which pods have. */
  accountDir: string;
  pods: readonly HostTarget[];
  nodes: readonly NodeTarget[];
  own: readonly OwnTarget[];
  haste?: Haste;
}

/** vmagent's configuration, and what it leaves out. */
export interface ScrapeConfig {
  config: { global: JsonMap; scrape_configs: JsonMap[] };
  leftOut: string[];
}

/** Where pods have their account. */
const podAccountDir = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The configuration of a VMAgent that selects everything. */
export function scrapeConfig(agent: Item, objects: ClusterObjects, options: ScrapeOptions): ScrapeConfig {
  const spec = agent.spec ?? {};
  if (spec['selectAllByDefault'] !== true)
    throw new Error(`VMAgent ${nameOf(agent)}: the lab renders agents with selectAllByDefault only`);
  const leftOut: string[] = [];
  const jobs = monitorsOf(objects).flatMap((monitor) =>
    monitor.endpoints.flatMap((endpoint, at) => {
      const name = `${monitor.kind}/${monitor.namespace}/${monitor.name}/${at}`;
      const problem = notRendered(endpoint);
      if (problem !== undefined) leftOut.push(`${name}: the lab does not render ${problem}`);
      return problem === undefined ? [monitorJob(name, monitor, endpoint, options)] : [];
    }),
  );
  const nodeJobs = objects.nodeScrapes.map((node) => nodeJob(node, options));
  return {
    config: {
      global: {
        scrape_interval: options.haste === undefined ? textOf(spec['scrapeInterval'], '30s') : seconds(options.haste),
        external_labels: isMap(spec['externalLabels']) ? spec['externalLabels'] : {},
      },
      scrape_configs: [...jobs, ...nodeJobs, ...options.own.map((target) => ownJob(target))],
    },
    leftOut,
  };
}

const seconds = ({ interval }: Haste): string => `${interval}s`;

/** What of an endpoint's authentication is not rendered; undefined if all of it is. */
function notRendered(endpoint: JsonMap): string | undefined {
  const other = ['basicAuth', 'oauth2', 'authorization'].find((key) => endpoint[key] !== undefined);
  if (other !== undefined) return other;
  if (textOf(valueAt(endpoint['bearerTokenSecret'], 'name')) !== '') return 'bearerTokenSecret';
  const tls = isMap(endpoint['tlsConfig']) ? endpoint['tlsConfig'] : {};
  return ['ca', 'cert', 'keySecret', 'certFile', 'keyFile']
    .map((key) => `tlsConfig.${key}`)
    .find(
      (path) => tls[path.slice('tlsConfig.'.length)] !== undefined && !isEmptyMap(tls[path.slice('tlsConfig.'.length)]),
    );
}

const isEmptyMap = (value: Json | undefined): boolean => isMap(value) && Object.keys(value).length === 0;

const inAccountDir = (path: string, dir: string): string => path.replace(podAccountDir, dir);

/** Discovery as in a pod, from outside. */
function discovery(role: string, namespaces: readonly string[], { apiServer, accountDir }: ScrapeOptions): JsonMap {
  return {
    kubernetes_sd_configs: [
      {
        role,
        ...(namespaces.length > 0 && { namespaces: { names: [...namespaces] } }),
        api_server: apiServer,
        bearer_token_file: `${accountDir}/token`,
        tls_config: { ca_file: `${accountDir}/ca.crt` },
      },
    ],
  };
}

/** The parameters that all kinds of targets have. */
function common(endpoint: JsonMap, { accountDir, haste }: ScrapeOptions): JsonMap {
  const own = textOf(endpoint['scrape_interval'], textOf(endpoint['interval']));
  const interval = own === '' || haste === undefined ? own : seconds(haste);
  const timeout = haste === undefined ? textOf(endpoint['scrapeTimeout']) : '';
  const tls = isMap(endpoint['tlsConfig']) ? endpoint['tlsConfig'] : {};
  const token = textOf(endpoint['bearerTokenFile']);
  const tlsConfig: JsonMap = {
    ...(textOf(tls['caFile']) !== '' && { ca_file: inAccountDir(textOf(tls['caFile']), accountDir) }),
    ...(textOf(tls['serverName']) !== '' && { server_name: tls['serverName'] }),
    ...(tls['insecureSkipVerify'] === true && { insecure_skip_verify: true }),
  };
  return {
    honor_labels: endpoint['honorLabels'] === true,
    ...(endpoint['honorTimestamps'] !== undefined && { honor_timestamps: endpoint['honorTimestamps'] }),
    ...(interval !== '' && { scrape_interval: interval }),
    ...(timeout !== '' && { scrape_timeout: timeout }),
    ...(textOf(endpoint['path']) !== '' && { metrics_path: endpoint['path'] }),
    ...(endpoint['params'] !== undefined && { params: endpoint['params'] }),
    ...(textOf(endpoint['scheme']) !== '' && { scheme: textOf(endpoint['scheme']).toLowerCase() }),
    ...(Object.keys(tlsConfig).length > 0 && { tls_config: tlsConfig }),
    ...(token !== '' && { bearer_token_file: inAccountDir(token, accountDir) }),
  };
}

function withMetricRelabelings(endpoint: JsonMap): JsonMap {
  const relabelings = fromObject(endpoint['metricRelabelConfigs']);
  return relabelings.length === 0 ? {} : { metric_relabel_configs: relabelings };
}

/** A port by number or name, as an endpoint names it. */
function targetPortOf(endpoint: JsonMap): Relabeling[] {
  const port = endpoint['targetPort'] ?? endpoint['portNumber'];
  if (typeof port === 'number') return [keep('__meta_kubernetes_pod_container_port_number', String(port))];
  return textOf(port) === '' ? [] : [keep('__meta_kubernetes_pod_container_port_name', textOf(port))];
}

function monitorJob(name: string, monitor: Monitor, endpoint: JsonMap, options: ScrapeOptions): JsonMap {
  const isPod = monitor.kind === 'podScrape';
  return {
    job_name: name,
    ...discovery(isPod ? 'pod' : 'endpoints', namespacesOf(monitor), options),
    ...common(endpoint, options),
    relabel_configs: [
      ...(isPod ? podRelabelings(monitor, endpoint) : serviceRelabelings(monitor, endpoint)),
      ...fromObject(endpoint['relabelConfigs']),
      ...toThisHost(options.pods, options.nodes),
    ],
    ...withMetricRelabelings(endpoint),
  };
}

function endpointLabel(endpoint: JsonMap): Relabeling[] {
  const name = textOf(endpoint['port']);
  const port = endpoint['targetPort'];
  const label = name !== '' ? name : typeof port === 'number' ? String(port) : textOf(port);
  return label === '' ? [] : [{ target_label: 'endpoint', replacement: label }];
}

function serviceRelabelings(monitor: Monitor, endpoint: JsonMap): Relabeling[] {
  const port = textOf(endpoint['port']);
  const target = ['__meta_kubernetes_endpoint_address_target_kind', '__meta_kubernetes_endpoint_address_target_name'];
  const targetOf = (kind: string, label: string): Relabeling => ({
    source_labels: target,
    separator: ';',
    regex: `${kind};(.*)`,
    replacement: '${1}',
    target_label: label,
  });
  return [
    ...selecting('service', monitor.selector),
    ...(port === '' ? targetPortOf(endpoint) : [keep('__meta_kubernetes_endpoint_port_name', port)]),
    targetOf('Node', 'node'),
    targetOf('Pod', 'pod'),
    copy('__meta_kubernetes_pod_name', 'pod'),
    copy('__meta_kubernetes_pod_container_name', 'container'),
    copy('__meta_kubernetes_namespace', 'namespace'),
    copy('__meta_kubernetes_service_name', 'service'),
    ...monitor.targetLabels.map((label) =>
      copyUnlessEmpty(`__meta_kubernetes_service_label_${labelName(label)}`, labelName(label)),
    ),
    ...monitor.podTargetLabels.map((label) =>
      copyUnlessEmpty(`__meta_kubernetes_pod_label_${labelName(label)}`, labelName(label)),
    ),
    { ...copy('__meta_kubernetes_service_name', 'job'), replacement: '${1}' },
    ...jobFrom('service', monitor),
    ...endpointLabel(endpoint),
  ];
}

function podRelabelings(monitor: Monitor, endpoint: JsonMap): Relabeling[] {
  const port = textOf(endpoint['port']);
  return [
    ...(endpoint['filterRunning'] === false
      ? []
      : [{ action: 'drop', source_labels: ['__meta_kubernetes_pod_phase'], regex: '(Failed|Succeeded)' }]),
    ...selecting('pod', monitor.selector),
    ...(port === '' ? targetPortOf(endpoint) : [keep('__meta_kubernetes_pod_container_port_name', port)]),
    copy('__meta_kubernetes_namespace', 'namespace'),
    copy('__meta_kubernetes_pod_container_name', 'container'),
    copy('__meta_kubernetes_pod_name', 'pod'),
    ...monitor.podTargetLabels.map((label) =>
      copyUnlessEmpty(`__meta_kubernetes_pod_label_${labelName(label)}`, labelName(label)),
    ),
    { target_label: 'job', replacement: `${monitor.namespace}/${monitor.name}` },
    ...jobFrom('pod', monitor),
    ...endpointLabel(endpoint),
  ];
}

function jobFrom(type: 'service' | 'pod', { jobLabel }: Monitor): Relabeling[] {
  if (jobLabel === '') return [];
  return [copyUnlessEmpty(`__meta_kubernetes_${type}_label_${labelName(jobLabel)}`, 'job')];
}

function nodeJob(node: Item, options: ScrapeOptions): JsonMap {
  const spec = node.spec ?? {};
  const port = typeof spec['port'] === 'number' ? String(spec['port']) : textOf(spec['port']);
  return {
    job_name: `nodeScrape/${nameOf(node)}`,
    ...discovery('node', [], options),
    ...common(spec, options),
    relabel_configs: [
      ...selecting('node', spec['selector']),
      copy('__meta_kubernetes_node_name', 'node'),
      ...listOf(spec['targetLabels']).map((label) =>
        copyUnlessEmpty(`__meta_kubernetes_node_label_${labelName(textOf(label))}`, labelName(textOf(label))),
      ),
      { target_label: 'job', replacement: nameOf(node) },
      ...(textOf(spec['jobLabel']) === ''
        ? []
        : [copyUnlessEmpty(`__meta_kubernetes_node_label_${labelName(textOf(spec['jobLabel']))}`, 'job')]),
      ...(port === ''
        ? []
        : [{ ...copy('__address__', '__address__'), regex: '^(.*):(.*)', replacement: `\${1}:${port}` }]),
      ...fromObject(spec['relabelConfigs']),
      ...toThisHost([], options.nodes),
    ],
    ...withMetricRelabelings(spec),
  };
}

/** No pods: the labels that the operator's own scrape of such a Service would have. */
function ownJob({ job, namespace, address, scheme }: OwnTarget): JsonMap {
  return {
    job_name: `lab/${namespace}/${job}`,
    ...(scheme !== undefined && { scheme, tls_config: { insecure_skip_verify: true } }),
    static_configs: [
      { targets: [address], labels: { job, namespace, service: job, pod: `${job}-0`, endpoint: 'http' } },
    ],
  };
}
