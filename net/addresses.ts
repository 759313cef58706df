import { IPv4, isValid, parse } from 'ipaddr.js';

/** A closed range of IPv4 addresses as numbers, with the text that it was written as. */
export interface AddressRange {
  text: string;
  first: number;
  last: number;
}

/** The number of an IPv4 address in full dotted form, or nothing if the text is not one. */
export function addressNumber(text: string): number | undefined {
  if (!IPv4.isValidFourPartDecimal(text)) return undefined;
  return IPv4.parse(text).octets.reduce((number, octet) => number * 256 + octet, 0);
}

/** The dotted form of an IPv4 address' number. */
export function addressText(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

/** Whether the text is an IP address of either family, not a name. */
export function isIpAddress(text: string): boolean {
  return IPv4.isValidFourPartDecimal(text) || (text.includes(':') && isValid(text) && parse(text).kind() === 'ipv6');
}

/** The network that a CIDR means, in canonical form: 10.25.11.7/24 gives 10.25.11.0/24; nothing if it is no CIDR. */
export function canonicalCidr(text: string): string | undefined {
  const [address = '', prefix = '', ...rest] = text.split('/');
  const number = addressNumber(address);
  if (rest.length > 0 || number === undefined || !/^(\d|[12]\d|3[0-2])$/.test(prefix)) return undefined;
  const size = 2 ** (32 - Number(prefix));
  return `${addressText(number - (number % size))}/${prefix}`;
}

/** The addresses of a CIDR, network and broadcast included; nothing if it is no canonical CIDR. */
export function cidrRange(text: string): AddressRange | undefined {
  if (canonicalCidr(text) !== text) return undefined;
  const [address = '', prefix = ''] = text.split('/');
  const first = addressNumber(address) ?? 0;
  return { text, first, last: first + 2 ** (32 - Number(prefix)) - 1 };
}

/** The addresses of an IPv4 network, also when it is named by one of its hosts; nothing if the text is none. */
export function networkOf(cidr: string): AddressRange | undefined {
  if (!IPv4.isValidCIDR(cidr)) return undefined;
  const range = poolRange(IPv4.networkAddressFromCIDR(cidr).toString(), IPv4.broadcastAddressFromCIDR(cidr).toString());
  return range === undefined ? undefined : { ...range, text: cidr };
}

/** The prefix length of a CIDR. */
export function prefixLength(cidr: string): number {
  return Number(cidr.split('/')[1]);
}

/** The addresses from `start` to `end`; nothing if either is no address or they are the wrong way round. */
export function poolRange(start: string, end: string): AddressRange | undefined {
  const first = addressNumber(start);
  const last = addressNumber(end);
  if (first === undefined || last === undefined || first > last) return undefined;
  return { text: `${start}-${end}`, first, last };
}

/** Whether the range holds the address. */
export function contains(range: AddressRange, address: string): boolean {
  const number = addressNumber(address);
  return number !== undefined && number >= range.first && number <= range.last;
}

/** Whether a machine can have the address: inside the subnet, and neither its network nor its broadcast address. */
export function isHostAddress(subnet: AddressRange, address: string): boolean {
  return contains({ ...subnet, first: subnet.first + 1, last: subnet.last - 1 }, address);
}

/** Whether two ranges share an address. */
export function overlaps(one: AddressRange, other: AddressRange): boolean {
  return one.first <= other.last && other.first <= one.last;
}

/** Whether the outer range holds every address of the inner one. */
export function covers(outer: AddressRange, inner: AddressRange): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}
