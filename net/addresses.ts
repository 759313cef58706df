import { IPv4, IPv6 } from 'ipaddr.js';

/** The two kinds of IP addresses. */
export type AddressFamily = 'IPv4' | 'IPv6';

/** An inclusive range of addresses of one family as numbers, with the text it was parsed from. */
export interface AddressRange {
  text: string;
  family: AddressFamily;
  first: bigint;
  last: bigint;
}

const bits = { IPv4: 32, IPv6: 128 } as const satisfies Record<AddressFamily, number>;

/** An IP address without a zone, or `undefined` if the text is not one. */
function parseAddress(text: string): IPv4 | IPv6 | undefined {
  if (IPv4.isValidFourPartDecimal(text)) return IPv4.parse(text);
  return text.includes(':') && !text.includes('%') && IPv6.isValid(text) ? IPv6.parse(text) : undefined;
}

/** The family of an IP address (IPv4 in dotted-decimal form), or `undefined` if the text is not one. */
export function familyOf(text: string): AddressFamily | undefined {
  return parseAddress(text) && (text.includes(':') ? 'IPv6' : 'IPv4');
}

/** Whether the text is an IPv4 or IPv6 address, as opposed to a host name. */
export function isIpAddress(text: string): boolean {
  return familyOf(text) !== undefined;
}

/** An IP address as a number, or `undefined` if the text is not one. Numbers of different families do not compare. */
export function addressNumber(text: string): bigint | undefined {
  return parseAddress(text)
    ?.toByteArray()
    .reduce((number, byte) => number * 256n + BigInt(byte), 0n);
}

/** The text of a numeric address: dotted-decimal for IPv4, RFC 5952 for IPv6. */
export function addressText(number: bigint, family: AddressFamily): string {
  const bytes = Array.from({ length: bits[family] / 8 }, (_, index) => Number((number >> BigInt(8 * index)) & 255n));
  bytes.reverse();
  if (family === 'IPv4') return bytes.join('.');
  return new IPv6(bytes).toRFC5952String();
}

/** The one way to write an IP address (IPv6: RFC 5952), in which equal addresses are equal texts; `undefined` if it is none. */
export function canonicalAddress(text: string): string | undefined {
  const address = parseAddress(text);
  return address instanceof IPv6 ? address.toRFC5952String() : address?.toString();
}

/** The canonical form of a CIDR: 10.25.11.7/24 becomes 10.25.11.0/24; `undefined` if it is not a CIDR. */
export function canonicalCidr(text: string): string | undefined {
  const range = networkOf(text);
  return range && `${addressText(range.first, range.family)}/${prefixLength(text)}`;
}

/** The addresses of a CIDR, including network and broadcast; `undefined` if it is not a canonical CIDR. */
export function cidrRange(text: string): AddressRange | undefined {
  return canonicalCidr(text) === text ? networkOf(text) : undefined;
}

/** Like `cidrRange`, but accepts a CIDR with host bits set; `undefined` if the text is not a CIDR. */
export function networkOf(cidr: string): AddressRange | undefined {
  const [address = '', prefix = '', ...rest] = cidr.split('/');
  const [number, family] = [addressNumber(address), familyOf(address)];
  if (rest.length > 0 || number === undefined || family === undefined || !/^(0|[1-9]\d{0,2})$/.test(prefix)) {
    return undefined;
  }
  if (Number(prefix) > bits[family]) return undefined;
  const size = 1n << BigInt(bits[family] - Number(prefix));
  const first = number - (number % size);
  return { text: cidr, family, first, last: first + size - 1n };
}

/** The ranges of a comma-separated list of CIDRs, such as a setting's; entries that are not CIDRs are left out. */
export function networksOf(list: string): AddressRange[] {
  return list.split(',').flatMap((text) => networkOf(text.trim()) ?? []);
}

/** The prefix length of a CIDR. */
export function prefixLength(cidr: string): number {
  return Number(cidr.split('/')[1]);
}

/** The addresses from `start` to `end`; `undefined` if they are not addresses of one family, or `start` is after `end`. */
export function poolRange(start: string, end: string): AddressRange | undefined {
  const [first, last, family] = [addressNumber(start), addressNumber(end), familyOf(start)];
  if (first === undefined || last === undefined || family === undefined) return undefined;
  if (family !== familyOf(end) || first > last) return undefined;
  return { text: `${start}-${end}`, family, first, last };
}

/** Whether the range contains the address. */
export function contains(range: AddressRange, address: string): boolean {
  const number = addressNumber(address);
  return number !== undefined && familyOf(address) === range.family && number >= range.first && number <= range.last;
}

/**
 * Whether a host can use the address: inside the subnet, and not its first one (IPv4: the network, IPv6: any router) nor, in
 * IPv4, its last one (broadcast). In a subnet of one or two addresses, such as a point-to-point link, all are hosts'.
 */
export function isHostAddress(subnet: AddressRange, address: string): boolean {
  const { family, first, last } = subnet;
  if (last - first <= 1n) return contains(subnet, address);
  return contains({ ...subnet, first: first + 1n, last: family === 'IPv4' ? last - 1n : last }, address);
}

/** Whether two ranges share an address. */
export function overlaps(a: AddressRange, b: AddressRange): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

/** Whether the outer range contains every address of the inner one. */
export function covers(outer: AddressRange, inner: AddressRange): boolean {
  return outer.family === inner.family && outer.first <= inner.first && inner.last <= outer.last;
}
