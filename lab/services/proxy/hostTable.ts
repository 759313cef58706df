/** What the egress proxy does with requests for one host name. */
export interface HostRule {
  /** Host name, lower case, without a port. */
  host: string;
  /** Plain HTTP address that answers for it, for example "http://127.0.0.1:20001". Absent: refused. */
  upstream?: string;
  /**
   * The host is a container registry that shares its upstream with other registries: `/v2/<name>` becomes
   * `/v2/<host>/<name>` there, so that a chart is only found at the registry that really has it. Nothing may be pushed.
   */
  registry?: boolean;
  /** Why the lab refuses this host although it knows it. */
  refusal?: string;
}

/** Where a request goes, or why it goes nowhere. */
export type Route = { kind: 'forward'; origin: string; path: string } | { kind: 'refuse'; reason: string };

/** Ports at which the real hosts serve; anything else is refused. */
const servedPorts = new Set([443, 80]);

/** The rule for a host and port, if the lab lets anyone through to it. */
export function findRule(rules: readonly HostRule[], host: string, port: number): HostRule | { refusal: string } {
  const rule = rules.find((candidate) => candidate.host === host.toLowerCase());
  if (rule === undefined) return { refusal: `the lab has no stand-in for ${host} and reaches nothing outside` };
  if (!servedPorts.has(port)) return { refusal: `${host} does not serve port ${port}` };
  if (rule.upstream === undefined) return { refusal: rule.refusal ?? `the lab has no stand-in for ${host} yet` };
  return rule;
}

/** Where one request of a known host goes. `path` is the request target: path and query. */
export function routeRequest(rule: HostRule, method: string, path: string): Route {
  const origin = rule.upstream ?? '';
  if (rule.registry !== true) return { kind: 'forward', origin, path };
  if (method !== 'GET' && method !== 'HEAD') {
    return { kind: 'refuse', reason: `${rule.host} takes no ${method} without a login` };
  }
  const [, name] = /^\/v2\/(.+)$/.exec(path) ?? [];
  return { kind: 'forward', origin, path: name === undefined ? path : `/v2/${rule.host}/${name}` };
}
