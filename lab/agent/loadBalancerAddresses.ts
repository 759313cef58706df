import { type AddressRange, addressText, networkOf, poolRange } from '../../net/addresses';
import type { ReportedObject } from './reportedObject';

/** The fields of a CiliumLoadBalancerIPPool that define its addresses. */
export interface AddressPool {
  spec?: { disabled?: boolean; blocks?: { start?: string; stop?: string; cidr?: string }[] };
}

/** What the allocation for a Service depends on. */
export interface PoolState {
  pools: AddressPool[];
  /** Addresses already assigned to Services. */
  taken: Set<string>;
}

/** The annotation with which a Service requests a specific address. */
const requestAnnotation = 'lbipam.cilium.io/ips';

/**
 * The status with the address that Cilium's LB IPAM would assign to a Service of type LoadBalancer: the requested one,
 * otherwise the first free one, and only from a pool. Undefined for other Services, for those that have their address, and
 * if no address is available.
 */
export function allocate(service: ReportedObject, state: PoolState): Record<string, unknown> | undefined {
  if (service.spec?.['type'] !== 'LoadBalancer') return undefined;
  const requested = service.metadata.annotations?.[requestAnnotation];
  const current = addressesOf(service);
  if (current.length > 0 && (requested === undefined || current.includes(requested))) return undefined;
  const pooled = state.pools.flatMap(addressesIn);
  const free = pooled.filter((address) => !state.taken.has(address) || current.includes(address));
  const assigned = requested === undefined ? free[0] : free.find((address) => address === requested);
  if (assigned === undefined) return undefined;
  state.taken.add(assigned);
  return { loadBalancer: { ingress: [{ ip: assigned, ipMode: 'VIP' }] } };
}

/** Whether a pool has the address. */
export function isPooled(address: string, { pools }: PoolState): boolean {
  return pools.flatMap(addressesIn).includes(address);
}

/** The addresses in a Service's status. */
export function addressesOf(service: ReportedObject): string[] {
  const balancer = service.status?.['loadBalancer'] as { ingress?: { ip?: string }[] } | undefined;
  return (balancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
}

/** All addresses of a pool, in order; none if it is disabled. */
function addressesIn({ spec }: AddressPool): string[] {
  if (spec?.disabled === true) return [];
  return (spec?.blocks ?? []).flatMap(({ start, stop, cidr }) => {
    const range = start === undefined ? networkOf(cidr ?? '') : poolRange(start, stop ?? start);
    return range === undefined ? [] : addresses(range);
  });
}

function addresses({ first, last, family }: AddressRange): string[] {
  // Lists at most a /22 of a pool: a lab does not need more addresses.
  const size = last - first + 1n;
  const length = size < 1024n ? Number(size) : 1024;
  return Array.from({ length }, (_, at) => addressText(first + BigInt(at), family));
}
