/** How the egress proxy handles requests for one host. */
export interface HostRule {
  /** Host name, lower case, without a port. */
  host: string;
  /** Plain HTTP address of the stand-in, for example "http://127.0.0.1:20001". Absent: requests are refused. */
  upstream?: string;
  /**
   * The host is a container registry that shares its upstream with other registries: `/v2/<name>` becomes
   * `/v2/<host>/<name>` there, so that a chart is found only at the registry that really publishes it. Read-only.
   */
  registry?: boolean;
  /** The host shares its upstream with other hosts: `/<path>` becomes `/<host>/<path>` there. Read-only. */
  shared?: boolean;
  /** Reason for refusing a host that has no upstream. */
  refusal?: string;
}

/** Where a request is forwarded to, or why it is refused. */
export type Route = { kind: 'forward'; origin: string; path: string } | { kind: 'refuse'; reason: string };

/** Ports that the real hosts serve; other ports are refused. */
const servedPorts = new Set([443, 80]);

/** The rule for a host and port, or the reason for refusing it. */
export function findRule(rules: readonly HostRule[], host: string, port: number): HostRule | { refusal: string } {
  const rule = rules.find((candidate) => candidate.host === host.toLowerCase());
  if (rule === undefined) return { refusal: `the lab has no stand-in for ${host} and no access to the internet` };
  if (!servedPorts.has(port)) return { refusal: `${host} does not serve port ${port}` };
  if (rule.upstream === undefined) return { refusal: rule.refusal ?? `the lab has no stand-in for ${host} yet` };
  return rule;
}

/** The route of a request to a host that has a rule. `path` is the request target: path and query. */
export function routeRequest(rule: HostRule, method: string, path: string): Route {
  const origin = rule.upstream ?? '';
  if (rule.registry !== true && rule.shared !== true) return { kind: 'forward', origin, path };
  if (method !== 'GET' && method !== 'HEAD') {
    return { kind: 'refuse', reason: `${rule.host} does not accept ${method} without a login` };
  }
  if (rule.shared === true) return { kind: 'forward', origin, path: `/${rule.host}${path}` };
  const [, name] = /^\/v2\/(.+)$/.exec(path) ?? [];
  return { kind: 'forward', origin, path: name === undefined ? path : `/v2/${rule.host}/${name}` };
}
