import { IPv4, isValid, parse } from 'ipaddr.js';

/** An inclusive range of IPv4 addresses as numbers, with the text it was parsed from. */
export interface AddressRange {
  text: string;
  first: number;
  last: number;
}

/** An IPv4 address in dotted-decimal form as a number, or `undefined` if the text is not one. */
export function addressNumber(text: string): number | undefined {
  if (!IPv4.isValidFourPartDecimal(text)) return undefined;
  return IPv4.parse(text).octets.reduce((number, octet) => number * 256 + octet, 0);
}

/** The dotted-decimal form of a numeric IPv4 address. */
export function addressText(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}

/** Whether the text is an IPv4 or IPv6 address, as opposed to a host name. */
export function isIpAddress(text: string): boolean {
  return IPv4.isValidFourPartDecimal(text) || (text.includes(':') && isValid(text) && parse(text).kind() === 'ipv6');
}

/** The canonical form of an IPv4 CIDR: 10.25.11.7/24 becomes 10.25.11.0/24; `undefined` if it is not a CIDR. */
export function canonicalCidr(text: string): string | undefined {
  const [address = '', prefix = '', ...rest] = text.split('/');
  const number = addressNumber(address);
  if (rest.length > 0 || number === undefined || !/^(\d|[12]\d|3[0-2])$/.test(prefix)) return undefined;
  const size = 2 ** (32 - Number(prefix));
  return `${addressText(number - (number % size))}/${prefix}`;
}

/** The addresses of a CIDR, including network and broadcast; `undefined` if it is not a canonical IPv4 CIDR. */
export function cidrRange(text: string): AddressRange | undefined {
  if (canonicalCidr(text) !== text) return undefined;
  const [address = '', prefix = ''] = text.split('/');
  const first = addressNumber(address) ?? 0;
  return { text, first, last: first + 2 ** (32 - Number(prefix)) - 1 };
}

/** Like `cidrRange`, but accepts a CIDR with host bits set; `undefined` if the text is not an IPv4 CIDR. */
export function networkOf(cidr: string): AddressRange | undefined {
  if (!IPv4.isValidCIDR(cidr)) return undefined;
  const range = poolRange(IPv4.networkAddressFromCIDR(cidr).toString(), IPv4.broadcastAddressFromCIDR(cidr).toString());
  return range === undefined ? undefined : { ...range, text: cidr };
}

/** The prefix length of a CIDR. */
export function prefixLength(cidr: string): number {
  return Number(cidr.split('/')[1]);
}

/** The addresses from `start` to `end`; `undefined` if either is not an IPv4 address or `start` is after `end`. */
export function poolRange(start: string, end: string): AddressRange | undefined {
  const first = addressNumber(start);
  const last = addressNumber(end);
  if (first === undefined || last === undefined || first > last) return undefined;
  return { text: `${start}-${end}`, first, last };
}

/** Whether the range contains the address. */
export function contains(range: AddressRange, address: string): boolean {
  const number = addressNumber(address);
  return number !== undefined && number >= range.first && number <= range.last;
}

/** Whether a host can use the address: inside the subnet, and neither its network nor its broadcast address. */
export function isHostAddress(subnet: AddressRange, address: string): boolean {
  return contains({ ...subnet, first: subnet.first + 1, last: subnet.last - 1 }, address);
}

/** Whether two ranges share an address. */
export function overlaps(a: AddressRange, b: AddressRange): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** Whether the outer range contains every address of the inner one. */
export function covers(outer: AddressRange, inner: AddressRange): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}
