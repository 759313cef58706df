import * as path from 'node:path';
import { cacheFolder } from '../../tools/cacheFolder';
import { tools } from '../../tools/manifest';
import type { LabContext } from '../context';
import type { LabProcess } from '../executor/process';
import { connectorHost } from './cloudflare/connections';
import { chartSources, gatewayApi } from './registry/chartSources';
import { keycloakResources } from './git/keycloakResources';
import type { HelmRepositoriesConfig } from './registry/helmRepositories';
import type { ChartsConfig } from './registry/publishCharts';
import type { CloudflareConfig } from './cloudflare/standIn';
import { connectTokenKey } from './connect/key';
import type { ConnectConfig } from './connect/standIn';
import { publicKeyOf } from './connect/token';
import { gitRemote, gitRoot } from './git/remote';
import type { GitServerConfig } from './git/server';
import type { HostRule } from './proxy/hostTable';
import type { ImageFactoryConfig } from './imageFactory/standIn';
import { networkServices } from './networkServices';
import { authorityFiles } from './proxy/pki';
import type { ProxyConfig } from './proxy/proxy';
import { httpReady, serverProcess } from './serverProcess';

/**
 * The services outside the clusters: egress proxy, Git, chart registry and its charts, Helm repositories, Connect, Cloudflare, image
 * factory and the services of the nodes' network. They do not depend on each other and start in parallel, except for
 * the job `charts`, which waits for the registry and exits once every chart is published.
 */
export function serviceProcesses(ctx: LabContext): LabProcess[] {
  return [
    registryProcess(ctx),
    chartsProcess(ctx),
    helmRepositoriesProcess(ctx),
    gitProcess(ctx),
    connectProcess(ctx),
    cloudflareProcess(ctx),
    imageFactoryProcess(ctx),
    ...networkServices(ctx),
    proxyProcess(ctx),
  ];
}

function registryProcess(ctx: LabContext): LabProcess {
  const port = ctx.port('chart-registry');
  const dir = path.dirname(ctx.path('registry', 'blobs'));
  return {
    name: 'chart-registry',
    version: tools.crane.version,
    real: false,
    needs: [],
    command: [ctx.tool('crane'), 'registry', 'serve', '--address', `127.0.0.1:${port}`, '--disk', dir],
    ready: httpReady(port, '/v2/'),
    ports: { http: port },
  };
}

function chartsProcess(ctx: LabContext): LabProcess {
  const modules = Object.values(chartSources).flatMap(({ module }) => (module === undefined ? [] : [module]));
  const config: ChartsConfig = {
    helm: ctx.tool('helm'),
    registry: `127.0.0.1:${ctx.port('chart-registry')}`,
    cacheDir: path.join(cacheFolder(), 'charts'),
    modules: Object.fromEntries(modules.map((module) => [module, ctx.moduleDir(module)])),
    helmHome: path.join(ctx.dir, 'cache', 'charts-helm'),
    repositories: repositoriesFolder(ctx),
  };
  return {
    name: 'charts',
    version: `${Object.keys(chartSources).length} charts`,
    real: false,
    needs: ['chart-registry'],
    command: ctx.node('lab/services/registry/publishCharts.ts', ctx.writeConfig('charts', config)),
    ready: { kind: 'exit', timeoutSeconds: 300 },
  };
}

function helmRepositoriesProcess(ctx: LabContext): LabProcess {
  const config: HelmRepositoriesConfig = { port: ctx.port('helm-repositories'), root: repositoriesFolder(ctx) };
  const file = 'lab/services/registry/helmRepositories.ts';
  return server(ctx, 'helm-repositories', 'index v1', file, config, '/healthz');
}

function repositoriesFolder(ctx: LabContext): string {
  return path.dirname(ctx.path('helm-repositories', 'charts'));
}

function gitProcess(ctx: LabContext): LabProcess {
  const config: GitServerConfig = {
    port: ctx.port('git'),
    root: gitRoot(ctx.dir),
    imports: [
      { repository: gatewayApi.repository, tag: gatewayApi.tag, folder: ctx.moduleDir(gatewayApi.module) },
      keycloakResources,
    ],
  };
  return server(ctx, 'git', 'smart HTTP', 'lab/services/git/server.ts', config, '/healthz');
}

function connectProcess(ctx: LabContext): LabProcess {
  const vaults = new Set(ctx.clusters.flatMap(({ settings }) => settings.ONEPASSWORD_VAULT ?? []));
  const config: ConnectConfig = {
    port: ctx.port('connect'),
    stateFile: ctx.path('connect', 'vaults.json'),
    tokenKey: publicKeyOf(connectTokenKey(ctx.dir)),
    vaults: Object.fromEntries([...vaults].map((vault) => [vault, []])),
    lagMilliseconds: 500,
  };
  return server(ctx, 'connect', 'v1.8.1', 'lab/services/connect/standIn.ts', config, '/heartbeat');
}

function cloudflareProcess(ctx: LabContext): LabProcess {
  const accounts = new Set(ctx.clusters.flatMap(({ cloudflareAccount }) => cloudflareAccount ?? []));
  const zonesOf = (account: string): string[] => {
    const clusters = ctx.clusters.filter(({ cloudflareAccount }) => cloudflareAccount === account);
    return [...new Set(clusters.flatMap(({ settings }) => settings.SECRET_DOMAIN ?? []))];
  };
  const config: CloudflareConfig = {
    port: ctx.port('cloudflare'),
    stateFile: ctx.path('cloudflare', 'state.json'),
    accounts: [...accounts].map((name) => ({ name, zones: zonesOf(name) })),
    tokens: [{ name: 'lab: the program', value: ctx.secrets.cloudflareApiToken }],
  };
  return server(ctx, 'cloudflare', 'API v4', 'lab/services/cloudflare/standIn.ts', config, '/healthz');
}

function imageFactoryProcess(ctx: LabContext): LabProcess {
  const versions = ctx.clusters.flatMap(({ settings }) => settings.TALOS_VERSION ?? []);
  const config: ImageFactoryConfig = {
    port: ctx.port('image-factory'),
    stateFile: ctx.path('image-factory', 'schematics.json'),
    versions: [...new Set(['v1.11.0', 'v1.11.1', 'v1.11.2', ...versions])],
  };
  return server(ctx, 'image-factory', 'schematics', 'lab/services/imageFactory/standIn.ts', config, '/healthz');
}

function proxyProcess(ctx: LabContext): LabProcess {
  const config: ProxyConfig = {
    port: ctx.port('egress-proxy'),
    authority: authorityFiles(ctx.dir),
    hosts: hostRules(ctx),
    refusedLog: ctx.path('refused-hosts.log'),
  };
  return server(ctx, 'egress-proxy', 'HTTP/1.1', 'lab/services/proxy/proxy.ts', config, '/healthz');
}

/**
 * The hosts that the lab's clients may connect to, each with its upstream. The egress proxy refuses every other host.
 */
export function hostRules(ctx: Pick<LabContext, 'clusters' | 'dir' | 'port'>): HostRule[] {
  const upstream = (process: string): string => `http://127.0.0.1:${ctx.port(process)}`;
  const hostsOf = (helmRepository: boolean): string[] => {
    const sources = Object.values(chartSources).filter((source) => (source.helmRepository ?? false) === helmRepository);
    return [...new Set(sources.map(({ ociPath }) => ociPath.slice(0, ociPath.indexOf('/'))))];
  };
  const connectHosts = ctx.clusters.flatMap(({ settings }) => settings.ONEPASSWORD_CONNECT_HOST ?? []);
  const rules: HostRule[] = [
    ...hostsOf(false).map((host) => ({ host, upstream: upstream('chart-registry'), registry: true })),
    ...hostsOf(true).map((host) => ({ host, upstream: upstream('helm-repositories'), shared: true })),
    ...[gitRemote(ctx).host, gatewayApi.host].map((host) => ({ host, upstream: upstream('git') })),
    ...connectHosts.map((url) => ({ host: new URL(url).hostname, upstream: upstream('connect') })),
    { host: 'factory.talos.dev', upstream: upstream('image-factory') },
    ...['api.cloudflare.com', connectorHost].map((host) => ({ host, upstream: upstream('cloudflare') })),
  ];
  return rules.filter((rule, index) => rules.findIndex(({ host }) => host === rule.host) === index);
}

function server(
  ctx: LabContext,
  name: string,
  version: string,
  file: string,
  config: { port: number },
  health: string,
): LabProcess {
  return serverProcess(ctx, name, version, file, config, httpReady(config.port, health));
}
