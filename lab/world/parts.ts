import * as path from 'node:path';
import { cacheFolder } from '../../tools/cacheFolder';
import { tools } from '../../tools/manifest';
import type { LabContext } from '../context';
import type { Part, Readiness } from '../executor/part';
import { chartSources, gatewayApi } from './chartSources';
import type { ChartsConfig } from './charts';
import type { ConnectConfig } from './connectStandIn';
import type { VaultAccess } from './connectTypes';
import { gitRemote, gitRoot } from './gitRemote';
import type { GitServerConfig } from './gitServer';
import type { HostRule } from './hostTable';
import type { ImageFactoryConfig } from './imageFactoryStandIn';
import { authorityFiles } from './pki';
import type { ProxyConfig } from './proxy';

/**
 * The outside world of the lab: egress proxy, Git, chart registry and its charts, Connect, image factory. None needs
 * another outside one, so they start together; the job `charts` ends once the registry holds every chart.
 */
export function worldParts(ctx: LabContext): Part[] {
  return [registryPart(ctx), chartsPart(ctx), gitPart(ctx), connectPart(ctx), imageFactoryPart(ctx), proxyPart(ctx)];
}

function registryPart(ctx: LabContext): Part {
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

function chartsPart(ctx: LabContext): Part {
  const modules = Object.values(chartSources).flatMap(({ module }) => (module === undefined ? [] : [module]));
  const config: ChartsConfig = {
    helm: ctx.tool('helm'),
    registry: `127.0.0.1:${ctx.port('chart-registry')}`,
    cacheDir: path.join(cacheFolder(), 'charts'),
    modules: Object.fromEntries(modules.map((module) => [module, ctx.moduleDir(module)])),
    helmHome: path.join(ctx.dir, 'cache', 'charts-helm'),
  };
  return {
    name: 'charts',
    version: `${Object.keys(chartSources).length} charts`,
    real: false,
    needs: ['chart-registry'],
    command: ctx.node('lab/world/charts.ts', ctx.writeConfig('charts', config)),
    ready: { kind: 'exit', timeoutSeconds: 300 },
  };
}

function gitPart(ctx: LabContext): Part {
  const config: GitServerConfig = {
    port: ctx.port('git'),
    root: gitRoot(ctx.dir),
    imports: [{ repository: gatewayApi.repository, tag: gatewayApi.tag, folder: ctx.moduleDir(gatewayApi.module) }],
  };
  return server(ctx, 'git', 'smart HTTP', 'lab/world/gitServer.ts', config, '/healthz');
}

function connectPart(ctx: LabContext): Part {
  const vaults = [...new Set(ctx.clusters.flatMap(({ settings }) => settings.ONEPASSWORD_VAULT ?? []))];
  const access = (right: VaultAccess[string]): VaultAccess => Object.fromEntries(vaults.map((vault) => [vault, right]));
  const config: ConnectConfig = {
    port: ctx.port('connect'),
    stateFile: ctx.path('connect', 'vaults.json'),
    tokens: [
      { token: ctx.secrets.connectReadToken, vaults: access('read') },
      { token: ctx.secrets.connectWriteToken, vaults: access('write') },
    ],
    vaults: Object.fromEntries(vaults.map((vault) => [vault, []])),
  };
  return server(ctx, 'connect', 'v1.8.1', 'lab/world/connectStandIn.ts', config, '/heartbeat');
}

function imageFactoryPart(ctx: LabContext): Part {
  const versions = ctx.clusters.flatMap(({ settings }) => settings.TALOS_VERSION ?? []);
  const config: ImageFactoryConfig = {
    port: ctx.port('image-factory'),
    stateFile: ctx.path('image-factory', 'schematics.json'),
    versions: [...new Set(['v1.11.0', 'v1.11.1', 'v1.11.2', ...versions])],
  };
  return server(ctx, 'image-factory', 'schematics', 'lab/world/imageFactoryStandIn.ts', config, '/healthz');
}

function proxyPart(ctx: LabContext): Part {
  const config: ProxyConfig = {
    port: ctx.port('egress-proxy'),
    authority: authorityFiles(ctx.dir),
    hosts: hostRules(ctx),
    refusedLog: ctx.path('refused-hosts.log'),
  };
  return server(ctx, 'egress-proxy', 'HTTP/1.1', 'lab/world/proxy.ts', config, '/healthz');
}

/** Every host that something in the lab may ask for, and who answers. A host that is not here is refused. */
export function hostRules(ctx: Pick<LabContext, 'clusters' | 'dir' | 'port'>): HostRule[] {
  const upstream = (part: string): string => `http://127.0.0.1:${ctx.port(part)}`;
  const registries = new Set(Object.values(chartSources).map(({ ociPath }) => ociPath.slice(0, ociPath.indexOf('/'))));
  const connectHosts = ctx.clusters.flatMap(({ settings }) => settings.ONEPASSWORD_CONNECT_HOST ?? []);
  const rules: HostRule[] = [
    ...[...registries].map((host) => ({ host, upstream: upstream('chart-registry'), registry: true })),
    ...[gitRemote(ctx).host, gatewayApi.host].map((host) => ({ host, upstream: upstream('git') })),
    ...connectHosts.map((url) => ({ host: new URL(url).hostname, upstream: upstream('connect') })),
    { host: 'factory.talos.dev', upstream: upstream('image-factory') },
    { host: 'api.cloudflare.com', refusal: "the lab's stand-in for api.cloudflare.com is not built yet" },
  ];
  return rules.filter((rule, at) => rules.findIndex(({ host }) => host === rule.host) === at);
}

function server(
  ctx: LabContext,
  name: string,
  version: string,
  file: string,
  config: { port: number },
  health: string,
): Part {
  return {
    name,
    version,
    real: false,
    needs: [],
    command: ctx.node(file, ctx.writeConfig(name, config)),
    ready: httpReady(config.port, health),
    ports: { http: config.port },
  };
}

function httpReady(port: number, pathname: string): Readiness {
  return { kind: 'http', url: `http://127.0.0.1:${port}${pathname}`, timeoutSeconds: 30 };
}
