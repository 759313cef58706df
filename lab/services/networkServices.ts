import type { LabCluster, LabContext } from '../context';
import type { LabProcess } from '../executor/process';
import type { NameServerConfig } from './dns/nameServer';
import type { ObjectStoreConfig } from './objectStore/standIn';
import { httpReady, serverProcess } from './serverProcess';

/** What stands in the nodes' own network: the name server that they ask, BIND, and the object store of the backups. */
export function networkServices(ctx: LabContext): LabProcess[] {
  const { clusters } = ctx;
  const objectStore: ObjectStoreConfig = { port: ctx.port('object-store') };
  return [
    nameServerPart(ctx, 'name-server', { addresses: knownAddresses(clusters), zones: [] }),
    nameServerPart(ctx, 'bind', { addresses: {}, zones: settingsOf(clusters, 'PRIVATE_DOMAIN') }),
    serverProcess(
      ctx,
      'object-store',
      'health only',
      'lab/services/objectStore/standIn.ts',
      objectStore,
      httpReady(objectStore.port, '/minio/health/live'),
    ),
  ];
}

function nameServerPart(ctx: LabContext, name: string, knows: Omit<NameServerConfig, 'port'>): LabProcess {
  const config: NameServerConfig = { port: ctx.port(name), ...knows };
  const ready = { kind: 'tcp', host: '127.0.0.1', port: config.port, timeoutSeconds: 30 } as const;
  return serverProcess(ctx, name, 'DNS', 'lab/services/dns/nameServer.ts', config, ready);
}

/** The API names with the control planes' real addresses, and Connect, which the lab serves on this machine. */
function knownAddresses(clusters: readonly LabCluster[]): Record<string, string[]> {
  const addresses: Record<string, string[]> = {};
  for (const { nodes, settings } of clusters) {
    const controlPlanes = nodes.filter(({ role }) => role === 'controlplane').map(({ address }) => address);
    if (settings.K8S_API_HOST !== undefined) addresses[settings.K8S_API_HOST] = controlPlanes;
    const connect = settings.ONEPASSWORD_CONNECT_HOST;
    if (connect !== undefined && URL.canParse(connect)) addresses[new URL(connect).hostname] = ['127.0.0.1'];
  }
  return addresses;
}

/**
 * Where `preflight` finds in the lab what it would dial in a cluster's own network: `host:port` by `host:port`. Names
 * behind HTTPS need none, the egress proxy knows them.
 */
export function labDetours(cluster: LabCluster, ctx: Pick<LabContext, 'port'>): Record<string, string> {
  const { settings, nameservers = [] } = cluster;
  const detours: Record<string, string> = {};
  const send = (host: string | undefined, port: string | undefined, part: string): void => {
    if (host !== undefined && port !== undefined) detours[`${host}:${port}`] = `127.0.0.1:${ctx.port(part)}`;
  };
  for (const server of nameservers) send(server, '53', 'name-server');
  send(settings.BIND_HOST, '53', 'bind');
  send(settings.VOLSYNC_S3_HOST, settings.VOLSYNC_S3_PORT, 'object-store');
  return detours;
}

function settingsOf(clusters: readonly LabCluster[], key: string): string[] {
  return [...new Set(clusters.flatMap(({ settings }) => settings[key] ?? []))];
}
