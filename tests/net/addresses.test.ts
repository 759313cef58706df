import fc from 'fast-check';
import {
  addressNumber,
  addressText,
  canonicalCidr,
  cidrRange,
  contains,
  covers,
  isHostAddress,
  isIpAddress,
  networkOf,
  overlaps,
  poolRange,
  prefixLength,
} from '../../net/addresses';

const range = (text: string) => cidrRange(text)!;

describe('addresses', () => {
  test.each([
    ['10.25.11.11', 169413387],
    ['0.0.0.0', 0],
    ['255.255.255.255', 4294967295],
  ])('%s is %d', (text, number) => {
    expect(addressNumber(text)).toBe(number);
    expect(addressText(number)).toBe(text);
  });

  test.each(['10.25.11', '10.25.11.256', '10.25.11.11/24', '0x0a.1.1.1', 'a.b.c.d', '', '::1'])(
    '%j is not an IPv4 address',
    (text) => {
      expect(addressNumber(text)).toBeUndefined();
    },
  );

  test.each([
    ['10.0.0.1', true],
    ['fd00::1', true],
    ['node.example.org', false],
    ['167772161', false],
    ['', false],
  ])('%j is an IP address: %s', (text, expected) => {
    expect(isIpAddress(text)).toBe(expected);
  });

  test('addressNumber reverses addressText', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (number) => {
        expect(addressNumber(addressText(number))).toBe(number);
      }),
    );
  });
});

describe('ranges', () => {
  test.each([
    ['10.25.11.7/24', '10.25.11.0/24'],
    ['10.244.0.0/14', '10.244.0.0/14'],
    ['10.1.2.3/32', '10.1.2.3/32'],
    ['10.1.2.3/0', '0.0.0.0/0'],
    ['10.1.2.3/33', undefined],
    ['10.1.2.3/08', undefined],
    ['10.1.2.3', undefined],
    ['10.1.2.3/8/8', undefined],
  ])('canonicalCidr(%j) is %j', (text, expected) => {
    expect(canonicalCidr(text)).toBe(expected);
  });

  test('networkOf accepts host bits, but neither bare addresses nor IPv6', () => {
    expect(networkOf('10.1.0.7/24')).toEqual({ text: '10.1.0.7/24', first: 167837696, last: 167837951 });
    expect([networkOf('10.1.0.0'), networkOf('fd00::/64')]).toEqual([undefined, undefined]);
  });

  test('cidrRange rejects a CIDR with host bits set', () => {
    expect(cidrRange('10.25.11.7/24')).toBeUndefined();
    expect(cidrRange('10.25.11.0/24')).toEqual({ text: '10.25.11.0/24', first: 169413376, last: 169413631 });
    expect(prefixLength('10.25.11.0/24')).toBe(24);
  });

  test('poolRange rejects invalid and reversed bounds', () => {
    expect(poolRange('10.0.0.9', '10.0.0.1')).toBeUndefined();
    expect(poolRange('10.0.0.x', '10.0.0.1')).toBeUndefined();
    expect(poolRange('10.0.0.1', '10.0.0.1')).toMatchObject({ text: '10.0.0.1-10.0.0.1' });
  });

  test('host addresses exclude the first and last address of the subnet', () => {
    expect(
      ['10.25.11.0', '10.25.11.1', '10.25.11.254', '10.25.11.255', '10.25.12.1'].map((address) =>
        isHostAddress(range('10.25.11.0/24'), address),
      ),
    ).toEqual([false, true, true, false, false]);
    expect(contains(range('10.25.11.0/24'), '10.25.11.255')).toBe(true);
    expect(contains(range('10.25.11.0/24'), 'x')).toBe(false);
  });

  test('overlaps is symmetric, and equivalent to one CIDR covering the other', () => {
    const cidr = fc
      .tuple(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.integer({ min: 0, max: 32 }))
      .map(([number, prefix]) => range(canonicalCidr(`${addressText(number)}/${prefix}`)!));
    fc.assert(
      fc.property(cidr, cidr, (a, b) => {
        expect(overlaps(a, b)).toBe(overlaps(b, a));
        // CIDRs are either nested or disjoint.
        expect(overlaps(a, b)).toBe(covers(a, b) || covers(b, a));
      }),
    );
  });
});
