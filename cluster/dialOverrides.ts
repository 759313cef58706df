import { isIPv6 } from 'node:net';

/**
 * Addresses to dial instead of others, for networks behind a bastion. The key is a `host` (all of its ports) or a
 * `host:port`; IPv6 addresses with a port are in brackets.
 */
export type DialOverrides = Readonly<Record<string, string>>;

/** A TCP or UDP address. */
export interface HostPort {
  host: string;
  port: number;
}

/** Formats `host:port`, with brackets around an IPv6 address. */
export function formatHostPort({ host, port }: HostPort): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** Parses `host:port` or `[IPv6]:port` with a port from 1 to 65535; undefined for any other text. */
export function parseHostPort(text: string): HostPort | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65535 || (bracketed !== undefined && !isIPv6(host))) return undefined;
  return { host, port };
}

/** The host to dial for all ports of `host`: its override, or `host` itself. */
export function dialHost(host: string, overrides: DialOverrides): string {
  return overrides[host] ?? host;
}

/** The address to dial for `host:port`. An override of the port takes precedence over one of the host. */
export function dialTarget(host: string, port: number, overrides: DialOverrides): HostPort {
  const override = overrides[formatHostPort({ host, port })];
  return (override === undefined ? undefined : parseHostPort(override)) ?? { host: dialHost(host, overrides), port };
}

/** `host:port` for a message, with the address that is actually dialled if it is overridden. */
export function describeDialTarget(host: string, port: number, overrides: DialOverrides): string {
  const nominal = formatHostPort({ host, port });
  const dialled = formatHostPort(dialTarget(host, port, overrides));
  return dialled === nominal ? nominal : `${nominal} (dialled at ${dialled})`;
}
