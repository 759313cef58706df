import { formatHostPort } from '../../cluster/dialOverrides';
import type { LabCluster, LabContext } from '../context';
import type { LabProcess } from '../executor/process';
import type { NameServerRecords } from './dns/answer';
import type { NameServerConfig } from './dns/nameServer';
import type { ObjectStoreConfig } from './objectStore/standIn';
import { httpReady, serverProcess } from './serverProcess';

/** The services in the nodes' network: their name server, BIND, and the object store for backups. */
export function networkServices(ctx: LabContext): LabProcess[] {
  const { clusters } = ctx;
  const objectStore: ObjectStoreConfig = { port: ctx.port('object-store') };
  return [
    nameServerProcess(ctx, 'name-server', { addresses: knownAddresses(clusters), zones: [] }),
    nameServerProcess(ctx, 'bind', { addresses: {}, zones: settingsOf(clusters, 'PRIVATE_DOMAIN') }),
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

function nameServerProcess(ctx: LabContext, name: string, records: NameServerRecords): LabProcess {
  const config: NameServerConfig = { port: ctx.port(name), ...records };
  const ready = { kind: 'tcp', host: '127.0.0.1', port: config.port, timeoutSeconds: 30 } as const;
  return serverProcess(ctx, name, 'DNS', 'lab/services/dns/nameServer.ts', config, ready);
}

/** The clusters' API hosts with the control planes' real addresses, and Connect, which the lab serves on loopback. */
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
 * The `dialOverrides` of a lab stack: loopback addresses for its nodes and for the services that `preflight` dials in the
 * nodes' network. HTTPS hosts need none; the egress proxy routes them.
 */
export function labDialOverrides(cluster: LabCluster, ctx: Pick<LabContext, 'port'>): Record<string, string> {
  const { settings, nameservers = [] } = cluster;
  const overrides: Record<string, string> = Object.fromEntries(
    cluster.nodes.map(({ address, endpoint }) => [address, endpoint]),
  );
  const redirect = (host: string | undefined, port: string | undefined, service: string): void => {
    if (host === undefined || port === undefined) return;
    overrides[formatHostPort({ host, port: Number(port) })] = `127.0.0.1:${ctx.port(service)}`;
  };
  for (const server of nameservers) redirect(server, '53', 'name-server');
  redirect(settings.BIND_HOST, '53', 'bind');
  redirect(settings.VOLSYNC_S3_HOST, settings.VOLSYNC_S3_PORT, 'object-store');
  return overrides;
}

function settingsOf(clusters: readonly LabCluster[], key: string): string[] {
  return [...new Set(clusters.flatMap(({ settings }) => settings[key] ?? []))];
}
