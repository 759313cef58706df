import { IPv4 } from 'ipaddr.js';

/**
 * The proxy for a URL: HTTPS_PROXY or HTTP_PROXY by its scheme (lower-case names first), or undefined if NO_PROXY lists
 * its host: as a name, a parent domain, an address, an IPv4 range in CIDR notation, or `*`.
 *
 * Not undici's EnvHttpProxyAgent: in undici 6 it warns on stderr that it is experimental, ignores CIDR ranges in
 * NO_PROXY, matches `example.org` there only exactly and not its subdomains (tests/clients/http/proxy.test.ts), and falls
 * back to HTTP_PROXY for https.
 */
export function proxyFor(url: string, env: NodeJS.ProcessEnv): string | undefined {
  const { protocol, hostname, port } = new URL(url);
  const names = protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY'];
  const proxy = names.map((name) => env[name]).find(Boolean);
  const exempt = (env.no_proxy || env.NO_PROXY || '').split(/[\s,]+/).filter(Boolean);
  // A URL with its scheme's own port has an empty one.
  const effectivePort = port || (protocol === 'https:' ? '443' : '80');
  return exempt.some((entry) => matches(entry.toLowerCase(), hostname, effectivePort)) ? undefined : proxy;
}

/** Whether an entry of NO_PROXY matches a host. */
function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) {
    return (
      IPv4.isValidFourPartDecimal(host) && IPv4.isValidCIDR(entry) && IPv4.parse(host).match(IPv4.parseCIDR(entry))
    );
  }
  const [name = '', entryPort] = entry.split(':');
  if (entryPort !== undefined && entryPort !== port) return false;
  const domain = name.replace(/^\*?\./, '');
  return host === domain || host.endsWith(`.${domain}`);
}
