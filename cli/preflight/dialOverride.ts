import { isIPv6 } from 'node:net';
import type { Detours } from '../../cluster/stackSchema';

/** What is dialled. */
export interface Endpoint {
  host: string;
  port: number;
}

/** Where a host and port are dialled: there, unless the stack's `detours` send it elsewhere. */
export function dialled(host: string, port: number, detours: Detours): Endpoint {
  const [, name, number] = /^(.+):(\d+)$/.exec(detours[`${host}:${port}`] ?? '') ?? [];
  return name === undefined ? { host, port } : { host: name, port: Number(number) };
}

/** `host:port` for people and URLs. */
export function hostPort({ host, port }: Endpoint): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** The same, with the detour where there is one: what a person must try by hand. */
export function describeDial(host: string, port: number, detours: Detours): string {
  const asked = hostPort({ host, port });
  const real = hostPort(dialled(host, port, detours));
  return real === asked ? asked : `${asked} (by ${real})`;
}
