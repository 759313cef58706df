import * as path from 'node:path';
import type { KubernetesClient } from '../../clients/kubernetes/client';
import { isMap, listOf, textOf, valueAt } from '../../gitops/kubernetesObject';
import type { LabCluster, LabContext } from '../context';
import type { LabProcess } from '../executor/process';
import { agentAccount } from './account';
import { alertFlags, type Haste, ruleFiles } from './alertConfig';
import { alertmanagerConfig } from './alertmanagerConfig';
import { authConfig, authFlags } from './authConfig';
import { writeDoorCertificate } from './doorCertificate';
import type { Hosts } from './hosts';
import { hostTargets, nodeTargets } from './hostTargets';
import { type ClusterObjects, type Item, namespaceOf, only, readObjects, readSecrets, selected } from './objects';
import { configDir, dataDir, programProcess } from './processes';
import { remoteWrite } from './remoteWrite';
import { type OwnTarget, scrapeConfig } from './scrapeConfig';

/** A cluster of the lab and what is in it. */
export interface ObservedCluster {
  cluster: LabCluster;
  api: KubernetesClient;
  objects: ClusterObjects;
}

/** Where to ask, for people and tests. Every address is on loopback. */
export interface Observed {
  /** The cluster that stores. */
  storing: string;
  /** The front door: reachable by TLS, which is for `name` and by the authority in `caFile`. */
  door: { url: string; name: string; caFile: string };
  /** The programs behind the front door, which ask for no credential. */
  metrics: string;
  logs: string;
  alertmanager: string;
  vmalert: string;
  /** vmagent of each cluster. */
  agents: Record<string, string>;
  /** What is in the clusters, but not in the lab's programs. */
  leftOut: string[];
}

/** What {@link planObservability} returns: the processes, whose files are written, and where they will be. */
export interface Plan {
  processes: LabProcess[];
  observed: Observed;
}

const ports = (ctx: LabContext, name: string): number => ctx.port(`observability-${name}`);
const address = (port: number): string => `127.0.0.1:${port}`;

/** Memory that a store of the lab may use: it has minutes of data. */
const memory = '268435456';

/** Reads a cluster. Throws if its API server does not respond. */
export async function readCluster(cluster: LabCluster, api: KubernetesClient): Promise<ObservedCluster> {
  return { cluster, api, objects: await readObjects(api) };
}

/**
 * The real programs for what the clusters' objects describe, rendered by the lab because the operator cannot be built: single-node
 * stores in place of clusters, one of each where the objects have replicas. Writes what they read.
 */
export async function planObservability(
  ctx: LabContext,
  clusters: readonly ObservedCluster[],
  haste?: Haste,
): Promise<Plan> {
  const storing = clusters.find(({ objects }) => objects.vmAuths.length > 0);
  if (storing === undefined)
    throw new Error('no cluster of the lab has a VMAuth: none lists metrics-store, or Flux has not applied it yet');
  const hosts: Hosts = {
    metrics: address(ports(ctx, 'victoria-metrics')),
    alertmanager: address(ports(ctx, 'alertmanager')),
    logs: address(ports(ctx, 'victoria-logs')),
  };
  const store = await planStore(ctx, storing, hosts, haste);
  const agents = await Promise.all(
    clusters
      .filter(({ objects }) => objects.vmAgents.length > 0)
      .map((cluster) => planAgent(ctx, cluster, store.door, cluster === storing ? store.own : [], haste)),
  );
  return {
    processes: [...store.processes, ...agents.map(({ process }) => process)],
    observed: {
      storing: storing.cluster.name,
      door: { url: `https://${store.door}`, name: store.doorName, caFile: store.caFile },
      metrics: `http://${hosts.metrics}`,
      logs: `http://${hosts.logs}`,
      alertmanager: `http://${hosts.alertmanager}`,
      vmalert: `http://${address(ports(ctx, 'vmalert'))}`,
      agents: Object.fromEntries(agents.map(({ cluster, url }) => [cluster, url])),
      leftOut: [...store.leftOut, ...agents.flatMap(({ leftOut }) => leftOut)],
    },
  };
}

interface Store {
  processes: LabProcess[];
  own: OwnTarget[];
  /** `host:port` of vmauth. */
  door: string;
  doorName: string;
  caFile: string;
  leftOut: string[];
}

async function planStore(
  ctx: LabContext,
  { api, objects, cluster }: ObservedCluster,
  hosts: Hosts,
  haste: Haste | undefined,
): Promise<Store> {
  const auth = only(objects.vmAuths, 'VMAuth');
  const alert = only(objects.vmAlerts, 'VMAlert');
  const alertmanager = only(objects.vmAlertmanagers, 'VMAlertmanager');
  const namespace = namespaceOf(auth);
  const secret = await readSecrets(api, [namespace]);
  const users = authConfig(selected(auth, 'userSelector', objects.vmUsers), secret, hosts);
  const [doorPort, internalPort] = [ports(ctx, 'vmauth'), ports(ctx, 'vmauth-internal')];
  const alertPort = ports(ctx, 'vmalert');
  const authDir = configDir(ctx, 'vmauth');
  const [tlsSecret = ''] = listOf(auth.spec?.['secrets']).map((name) => textOf(name));
  const tlsDir = path.join(authDir, tlsSecret);
  const doorName = await writeDoorCertificate(auth, tlsSecret, objects, secret, tlsDir);
  const rules = ruleFiles(alert, objects.vmRules, haste);
  const alertDir = configDir(ctx, 'vmalert');
  const processes = [
    metricsProcess(ctx, only(objects.vmClusters, 'VMCluster'), haste),
    programProcess(ctx, {
      program: 'victoria-logs',
      name: 'victoria-logs',
      flags: [
        ['storageDataPath', dataDir(ctx, 'victoria-logs')],
        ['httpListenAddr', hosts.logs],
        ['memory.allowedBytes', memory],
      ],
      ports: { http: ports(ctx, 'victoria-logs') },
      ready: { port: 'http', path: '/health' },
    }),
    programProcess(ctx, {
      program: 'alertmanager',
      name: 'alertmanager',
      flags: [
        ['config.file', path.join(configDir(ctx, 'alertmanager'), 'alertmanager.yaml')],
        ['storage.path', dataDir(ctx, 'alertmanager')],
        ['data.retention', textOf(alertmanager.spec?.['retention'], '120h')],
        ['web.listen-address', hosts.alertmanager],
        // There are no others to tell.
        ['cluster.listen-address', ''],
      ],
      files: [file('alertmanager.yaml', alertmanagerConfig(alertmanager, objects.vmAlertmanagerConfigs, secret))],
      ports: { http: ports(ctx, 'alertmanager') },
      ready: { port: 'http', path: '/-/ready' },
    }),
    programProcess(ctx, {
      program: 'vmauth',
      name: 'vmauth',
      needs: ['victoria-metrics', 'victoria-logs', 'alertmanager'],
      flags: [
        ['auth.config', path.join(authDir, 'auth.yaml')],
        ['httpListenAddr', address(doorPort)],
        ['httpInternalListenAddr', address(internalPort)],
        ...authFlags(auth, authDir),
      ],
      files: [file('auth.yaml', users.config)],
      ports: { https: doorPort, internal: internalPort },
      // The object's TLS is for all of its ports.
      ready: { port: 'internal', path: '/health', scheme: 'https' },
    }),
    programProcess(ctx, {
      program: 'vmalert',
      name: 'vmalert',
      needs: ['victoria-metrics', 'alertmanager'],
      flags: [
        ['httpListenAddr', address(alertPort)],
        ...alertFlags(alert, hosts, haste),
        ...rules.map(({ name }): [string, string] => ['rule', path.join(alertDir, name)]),
      ],
      files: rules.map(({ name, content }) => file(name, content)),
      ports: { http: alertPort },
      ready: { port: 'http', path: '/health' },
    }),
  ];
  const own = (job: string, target: string): OwnTarget => ({ job, namespace, address: target });
  return {
    processes,
    door: address(doorPort),
    doorName,
    caFile: path.join(tlsDir, 'ca.crt'),
    own: [
      // In place of three programs: the one that stores has most of its metrics.
      own(`vmstorage-${only(objects.vmClusters, 'VMCluster').metadata.name}`, hosts.metrics),
      { ...own(`vmauth-${auth.metadata.name}`, address(internalPort)), scheme: 'https' },
      own(`vmalert-${alert.metadata.name}`, address(alertPort)),
      own(`vmalertmanager-${alertmanager.metadata.name}`, hosts.alertmanager),
    ],
    leftOut: users.leftOut.map((text) => `${cluster.name}: ${text}`),
  };
}

/** What is younger than half a minute is found, and that a series does not exist is not remembered for 10 seconds. */
const quickStore = [
  ['search.latencyOffset', '1s'],
  ['storage.cacheSizeIndexDBTagFilters', '1'],
] as const;

/** JSON is YAML. */
const file = (name: string, content: unknown): { name: string; content: string } => ({
  name,
  content: `${JSON.stringify(content, undefined, 2)}\n`,
});

function metricsProcess(ctx: LabContext, cluster: Item, haste: Haste | undefined): LabProcess {
  const port = ports(ctx, 'victoria-metrics');
  return programProcess(ctx, {
    program: 'victoria-metrics',
    name: 'victoria-metrics',
    flags: [
      ['storageDataPath', dataDir(ctx, 'victoria-metrics')],
      ['httpListenAddr', address(port)],
      ['retentionPeriod', textOf(cluster.spec?.['retentionPeriod'], '30d')],
      ['memory.allowedBytes', memory],
      ...(haste === undefined ? [] : quickStore),
    ],
    ports: { http: port },
    ready: { port: 'http', path: '/health' },
  });
}

async function planAgent(
  ctx: LabContext,
  { cluster, api, objects }: ObservedCluster,
  door: string,
  storing: readonly OwnTarget[],
  haste: Haste | undefined,
): Promise<{ cluster: string; process: LabProcess; url: string; leftOut: string[] }> {
  const agent = only(objects.vmAgents, 'VMAgent');
  const namespace = namespaceOf(agent);
  const name = `vmagent-${cluster.name}`;
  const dir = configDir(ctx, name);
  const port = ports(ctx, name);
  const service = `vmagent-${agent.metadata.name}`;
  const accountDir = path.join(dir, 'serviceaccount');
  await agentAccount(api, { namespace, name: service }, accountDir);
  const write = remoteWrite(agent, await readSecrets(api, [namespace]), door, dir);
  const scrape = scrapeConfig(agent, objects, {
    apiServer: api.connection.server,
    accountDir,
    pods: hostTargets((program) => ctx.port(`${cluster.name}-${program}`)),
    nodes: nodeTargets(cluster, ctx.ha),
    own: [...storing, { job: service, namespace, address: address(port) }],
    haste,
  });
  const extra = valueAt(agent.spec, 'extraArgs');
  return {
    cluster: cluster.name,
    url: `http://${address(port)}`,
    leftOut: scrape.leftOut.map((text) => `${cluster.name}: ${text}`),
    process: programProcess(ctx, {
      program: 'vmagent',
      name,
      needs: ['vmauth'],
      flags: [
        ['httpListenAddr', address(port)],
        ['promscrape.config', path.join(dir, 'scrape.yaml')],
        ['remoteWrite.tmpDataPath', dataDir(ctx, name)],
        ['memory.allowedBytes', memory],
        ...write.flags,
        ...Object.entries(isMap(extra) ? extra : {}).map(([flag, value]): [string, string] => [flag, textOf(value)]),
      ],
      files: [...write.files, file('scrape.yaml', scrape.config)],
      ports: { http: port },
      ready: { port: 'http', path: '/health' },
    }),
  };
}
