import { isIpAddress } from '../net/addresses';
import { linksOf } from './machine/links';
import type { Node } from './stackSchema';

/** What serves K8S_API_HOST. */
export type ApiEndpoint =
  /** A DNS name of all control planes, or of one of their virtual IPs. */
  | { kind: 'name'; virtualIps: readonly string[] }
  /** A virtual IP, which one of the control planes holds at a time. */
  | { kind: 'virtualIp' }
  /** The address of the only control plane. */
  | { kind: 'node' }
  /** A load balancer that this program knows nothing of. */
  | { kind: 'loadBalancer' };

type Machine = Pick<Node, 'role' | 'address' | 'network'>;

/** The virtual IPs of a machine, on its links and the VLANs on them. */
export function virtualIpsOf({ network }: Pick<Node, 'network'>): string[] {
  return linksOf(network).flatMap(({ settings }) => settings.vip?.ip ?? []);
}

/** The virtual IPs that every control plane can hold. */
export function sharedVirtualIps(nodes: readonly Machine[]): string[] {
  const [first, ...others] = nodes.filter(({ role }) => role === 'controlplane').map(virtualIpsOf);
  return [...new Set(first)].filter((ip) => others.every((ips) => ips.includes(ip)));
}

/** What serves the API host; undefined if nothing that the stack describes does. */
export function apiEndpointOf({
  apiHost,
  apiEndpoint,
  nodes,
}: {
  apiHost: string;
  apiEndpoint?: 'loadBalancer' | undefined;
  nodes: readonly Machine[];
}): ApiEndpoint | undefined {
  if (apiEndpoint === 'loadBalancer') return { kind: 'loadBalancer' };
  const virtualIps = sharedVirtualIps(nodes);
  if (!isIpAddress(apiHost)) return { kind: 'name', virtualIps };
  if (virtualIps.includes(apiHost)) return { kind: 'virtualIp' };
  const controlPlanes = nodes.filter(({ role }) => role === 'controlplane');
  return controlPlanes.length === 1 && controlPlanes[0]?.address === apiHost ? { kind: 'node' } : undefined;
}
