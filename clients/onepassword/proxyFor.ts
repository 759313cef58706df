import { isIPv4 } from 'node:net';
import { IPv4 } from 'ipaddr.js';

/**
 * The proxy that the environment names for a URL: HTTPS_PROXY or HTTP_PROXY by its scheme (small letters first), unless
 * NO_PROXY holds its host as a name, a domain, an address or an IPv4 range.
 */
export function proxyFor(url: string, env: NodeJS.ProcessEnv): string | undefined {
  const { protocol, hostname, port } = new URL(url);
  const names = protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY'];
  const proxy = names.map((name) => env[name]).find(Boolean);
  const exempt = (env.no_proxy || env.NO_PROXY || '').split(/[\s,]+/).filter(Boolean);
  return exempt.some((entry) => covers(entry.toLowerCase(), hostname, port)) ? undefined : proxy;
}

function covers(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) {
    return isIPv4(host) && IPv4.isValidCIDR(entry) && IPv4.parse(host).match(IPv4.parseCIDR(entry));
  }
  const [name = '', wantedPort] = entry.split(':');
  if (wantedPort !== undefined && wantedPort !== port) return false;
  const domain = name.replace(/^\*?\./, '');
  return host === domain || host.endsWith(`.${domain}`);
}
