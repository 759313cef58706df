/** Loopback addresses (`host:port`) of the programs that stand in for the pods of the storing cluster. */
export interface Hosts {
  /** The single-node VictoriaMetrics, in place of vminsert, vmselect and vmstorage. */
  metrics: string;
  alertmanager: string;
  /** The single-node VictoriaLogs, in place of vlinsert, vlselect and vlstorage. */
  logs: string;
}

/** Where a request to a Service goes in the lab. */
export interface HostUrl {
  url: string;
  /** Leading parts of the path that are dropped: the single-node VictoriaMetrics has no tenants, so no `/insert/0`. */
  dropped: number;
}

/** Parts of a path of the cluster version in front of what the single-node version serves: `insert` or `select`, the tenant. */
const tenantParts = 2;

/** The Services that have a program in the lab, by their names. */
const services: readonly { name: RegExp; host: keyof Hosts; dropped: number }[] = [
  { name: /^vm(insert|select)-/, host: 'metrics', dropped: tenantParts },
  { name: /^vmalertmanager-/, host: 'alertmanager', dropped: 0 },
  { name: /^victoria-logs-vl(insert|select)$/, host: 'logs', dropped: 0 },
];

/** The URL in the lab of a URL with a Service's name, without the path's dropped parts; undefined if nothing serves it here. */
export function hostUrl(url: string, hosts: Hosts): HostUrl | undefined {
  const { hostname, pathname } = new URL(url);
  const service = services.find(({ name }) => name.test(hostname.split('.')[0] ?? ''));
  if (service === undefined) return undefined;
  const parts = pathname.split('/').filter((part) => part !== '');
  const path = parts.slice(service.dropped).map((part) => `/${part}`);
  return { url: `http://${hosts[service.host]}${path.join('')}`, dropped: service.dropped };
}

/** As {@link hostUrl}, for what cannot do without. */
export function requiredHostUrl(url: string, hosts: Hosts): string {
  const found = hostUrl(url, hosts);
  if (found === undefined) throw new Error(`${url}: no program of the lab serves it (lab/observability/hosts.ts)`);
  return found.url;
}
