import fc from 'fast-check';
import {
  addressNumber,
  addressText,
  canonicalAddress,
  canonicalCidr,
  cidrRange,
  contains,
  covers,
  familyOf,
  isHostAddress,
  isIpAddress,
  networkOf,
  networksOf,
  overlaps,
  poolRange,
  prefixLength,
} from '../../net/addresses';

const range = (text: string) => cidrRange(text)!;

describe('addresses', () => {
  test.each([
    ['10.25.11.11', 'IPv4', 169413387n],
    ['0.0.0.0', 'IPv4', 0n],
    ['255.255.255.255', 'IPv4', 4294967295n],
    ['::1', 'IPv6', 1n],
    ['fd00:25:11::11', 'IPv6', 0xfd00_0025_0011_0000_0000_0000_0000_0011n],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'IPv6', 2n ** 128n - 1n],
  ] as const)('%s is an address of family %s', (text, family, number) => {
    expect([familyOf(text), addressNumber(text), addressText(number, family)]).toEqual([family, number, text]);
  });

  test.each(['10.25.11', '10.25.11.256', '10.25.11.11/24', '0x0a.1.1.1', 'a.b.c.d', '', 'fd00::1::2', 'fe80::1%eth0'])(
    '%j is not an address',
    (text) => {
      expect([familyOf(text), addressNumber(text), canonicalAddress(text)]).toEqual([undefined, undefined, undefined]);
    },
  );

  test.each([
    ['FD00:0::0:1', 'fd00::1'],
    ['fd00:0:0:1:0:0:0:1', 'fd00:0:0:1::1'],
    ['10.0.0.1', '10.0.0.1'],
  ])('%s is written %s', (text, expected) => {
    expect(canonicalAddress(text)).toBe(expected);
  });

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
      fc.property(
        fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }),
        fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
        (v4, v6) => {
          expect(addressNumber(addressText(v4, 'IPv4'))).toBe(v4);
          expect(addressNumber(addressText(v6, 'IPv6'))).toBe(v6);
        },
      ),
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
    ['FD00:0::7/64', 'fd00::/64'],
    ['2001:db8::1/128', '2001:db8::1/128'],
    ['2001:db8::1/0', '::/0'],
    ['2001:db8::1/129', undefined],
  ])('canonicalCidr(%j) is %j', (text, expected) => {
    expect(canonicalCidr(text)).toBe(expected);
  });

  test('networkOf accepts host bits, but not bare addresses', () => {
    expect(networkOf('10.1.0.7/24')).toEqual({
      text: '10.1.0.7/24',
      family: 'IPv4',
      first: 167837696n,
      last: 167837951n,
    });
    expect(networkOf('::7/120')).toEqual({ text: '::7/120', family: 'IPv6', first: 0n, last: 255n });
    expect([networkOf('10.1.0.0'), networkOf('fd00::')]).toEqual([undefined, undefined]);
  });

  test('networksOf reads a list, and leaves out what is not a CIDR', () => {
    expect(networksOf('10.1.0.0/24, fd00::/64,x,').map(({ text }) => text)).toEqual(['10.1.0.0/24', 'fd00::/64']);
  });

  test('cidrRange rejects a CIDR with host bits set', () => {
    expect(cidrRange('10.25.11.7/24')).toBeUndefined();
    expect(cidrRange('10.25.11.0/24')).toEqual({
      text: '10.25.11.0/24',
      family: 'IPv4',
      first: 169413376n,
      last: 169413631n,
    });
    expect([cidrRange('fd00:0::/64'), cidrRange('fd00::/64')?.family]).toEqual([undefined, 'IPv6']);
    expect(prefixLength('10.25.11.0/24')).toBe(24);
  });

  test('poolRange rejects invalid and reversed bounds', () => {
    expect(poolRange('10.0.0.9', '10.0.0.1')).toBeUndefined();
    expect(poolRange('10.0.0.x', '10.0.0.1')).toBeUndefined();
    expect(poolRange('10.0.0.1', 'fd00::1')).toBeUndefined();
    expect(poolRange('fd00::1', 'fd00::9')).toMatchObject({ family: 'IPv6' });
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
    expect(['fd00::', 'fd00::1', 'fd00::ff'].map((address) => isHostAddress(range('fd00::/120'), address))).toEqual([
      false,
      true,
      true,
    ]);
    expect(['10.0.0.0', '10.0.0.1'].map((address) => isHostAddress(range('10.0.0.0/31'), address))).toEqual([
      true,
      true,
    ]);
  });

  test('ranges of different families have nothing in common', () => {
    const [all4, all6] = [range('0.0.0.0/0'), range('::/0')];
    expect([overlaps(all4, all6), covers(all6, all4), contains(all6, '0.0.0.1')]).toEqual([false, false, false]);
  });

  test('overlaps is symmetric, and equivalent to one CIDR covering the other', () => {
    const cidr = fc
      .tuple(fc.bigInt({ min: 0n, max: 2n ** 32n - 1n }), fc.integer({ min: 0, max: 32 }))
      .map(([number, prefix]) => range(canonicalCidr(`${addressText(number, 'IPv4')}/${prefix}`)!));
    fc.assert(
      fc.property(cidr, cidr, (a, b) => {
        expect(overlaps(a, b)).toBe(overlaps(b, a));
        // CIDRs are either nested or disjoint.
        expect(overlaps(a, b)).toBe(covers(a, b) || covers(b, a));
      }),
    );
  });
});
