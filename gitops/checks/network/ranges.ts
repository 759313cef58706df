import { IPv4 } from 'ipaddr.js';

/** A closed range of IPv4 addresses, as numbers. */
export interface Range {
  text: string;
  first: number;
  last: number;
}

function numberOf(address: string): number | undefined {
  if (!IPv4.isValidFourPartDecimal(address)) return undefined;
  return IPv4.parse(address).octets.reduce((number, octet) => number * 256 + octet, 0);
}

/** The addresses from one to another; nothing if they are no IPv4 addresses in that order. */
export function rangeOf(start: string, stop: string): Range | undefined {
  const first = numberOf(start);
  const last = numberOf(stop);
  if (first === undefined || last === undefined || first > last) return undefined;
  return { text: `${start}-${stop}`, first, last };
}

/** The addresses of an IPv4 network, also when it is named by one of its hosts; nothing if the text is none. */
export function networkOf(cidr: string): Range | undefined {
  if (!IPv4.isValidCIDR(cidr)) return undefined;
  const range = rangeOf(IPv4.networkAddressFromCIDR(cidr).toString(), IPv4.broadcastAddressFromCIDR(cidr).toString());
  return range === undefined ? undefined : { ...range, text: cidr };
}

/** Whether two ranges share an address. */
export function overlaps(one: Range, other: Range): boolean {
  return one.first <= other.last && other.first <= one.last;
}

/** Whether the outer range holds every address of the inner one. */
export function covers(outer: Range, inner: Range): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}
