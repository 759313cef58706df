import * as ipaddr from 'ipaddr.js';
import type { ReportedObject } from './standInRules';

/** The part of a CiliumLoadBalancerIPPool that says which addresses it has. */
export interface AddressPool {
  spec?: { disabled?: boolean; blocks?: { start?: string; stop?: string; cidr?: string }[] };
}

/** What the allocation of one Service depends on. */
export interface AddressWorld {
  pools: AddressPool[];
  /** Addresses that Services have already. */
  taken: Set<string>;
}

/** The annotation by which a Service asks for an address of its own. */
const wanted = 'lbipam.cilium.io/ips';

/**
 * The address that Cilium's LB IPAM would give a Service of type LoadBalancer: the one it asks for, else the first free
 * one, and only out of a pool. Undefined for any other Service, for one that has its address, and when there is none.
 */
export function allocate(service: ReportedObject, world: AddressWorld): Record<string, unknown> | undefined {
  if (service.spec?.['type'] !== 'LoadBalancer') return undefined;
  const asked = service.metadata.annotations?.[wanted];
  const has = addressesOf(service);
  if (has.length > 0 && (asked === undefined || has.includes(asked))) return undefined;
  const pooled = world.pools.flatMap(addressesIn);
  const free = pooled.filter((address) => !world.taken.has(address) || has.includes(address));
  const given = asked === undefined ? free[0] : free.find((address) => address === asked);
  if (given === undefined) return undefined;
  world.taken.add(given);
  return { loadBalancer: { ingress: [{ ip: given, ipMode: 'VIP' }] } };
}

/** The addresses that a Service's status has. */
export function addressesOf(service: ReportedObject): string[] {
  const balancer = service.status?.['loadBalancer'] as { ingress?: { ip?: string }[] } | undefined;
  return (balancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
}

/** Every address of a pool, in order; none of a disabled one. */
function addressesIn({ spec }: AddressPool): string[] {
  if (spec?.disabled === true) return [];
  return (spec?.blocks ?? []).flatMap(({ start, stop, cidr }) => {
    if (start !== undefined) return between(toNumber(start), toNumber(stop ?? start));
    if (cidr === undefined) return [];
    const [network, bits] = ipaddr.IPv4.parseCIDR(cidr);
    const first = toNumber(network.toString());
    return between(first, first + 2 ** (32 - bits) - 1);
  });
}

function between(first: number, last: number): string[] {
  // A pool larger than a /22 is not listed whole: nobody needs more addresses than that in a lab.
  const count = Math.min(last - first + 1, 1024);
  return Array.from({ length: Math.max(count, 0) }, (_, at) => toAddress(first + at));
}

function toNumber(address: string): number {
  return ipaddr.IPv4.parse(address).octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

function toAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
