import { type AddressRange, addressText, networkOf, poolRange } from '../../net/addresses';
import type { ReportedObject } from './reportedObject';

/** The part of a CiliumLoadBalancerIPPool that says which addresses it has. */
export interface AddressPool {
  spec?: { disabled?: boolean; blocks?: { start?: string; stop?: string; cidr?: string }[] };
}

/** What the allocation of one Service depends on. */
export interface PoolState {
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
export function allocate(service: ReportedObject, state: PoolState): Record<string, unknown> | undefined {
  if (service.spec?.['type'] !== 'LoadBalancer') return undefined;
  const asked = service.metadata.annotations?.[wanted];
  const has = addressesOf(service);
  if (has.length > 0 && (asked === undefined || has.includes(asked))) return undefined;
  const pooled = state.pools.flatMap(addressesIn);
  const free = pooled.filter((address) => !state.taken.has(address) || has.includes(address));
  const given = asked === undefined ? free[0] : free.find((address) => address === asked);
  if (given === undefined) return undefined;
  state.taken.add(given);
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
    const range = start === undefined ? networkOf(cidr ?? '') : poolRange(start, stop ?? start);
    return range === undefined ? [] : addresses(range);
  });
}

function addresses({ first, last }: AddressRange): string[] {
  // A pool larger than a /22 is not listed whole: nobody needs more addresses than that in a lab.
  return Array.from({ length: Math.min(last - first + 1, 1024) }, (_, at) => addressText(first + at));
}
