import { dnsOwnerTwice, flagValues } from '../../../gitops/checks/network';
import { findingsOf } from './handTree';
import { chart, tree } from './releaseTree';

describe('ExternalDNS', () => {
  const dns = (name: string, values: string): string => chart('external-dns', values, name);
  const found = (...values: string[]): number =>
    findingsOf(dnsOwnerTwice, tree(...values.map((value, index) => dns(`d${index}`, value)))).length;

  test('conflicts only with the same owner in the same zone of the same server', () => {
    const one = '{provider: {name: p}, txtOwnerId: o, domainFilters: [example.org]}';
    expect(found(one, one)).toBe(1);
    expect(found(one, '{provider: {name: q}, txtOwnerId: o, domainFilters: [example.org]}')).toBe(0);
    expect(found(one, '{provider: {name: p}, txtOwnerId: o, domainFilters: [example.com]}')).toBe(0);
    expect(found(one, '{provider: {name: p}, txtOwnerId: o, domainFilters: [a.example.org]}')).toBe(1);
    expect(found(one, '{provider: {name: p}, txtOwnerId: o}')).toBe(1);
    expect(found(one, '{provider: {name: p}, txtOwnerId: o, registry: noop}')).toBe(0);
    expect(
      found(one, '{provider: {name: p}, txtOwnerId: o, domainFilters: [example.org], extraArgs: [--txt-owner-id=n]}'),
    ).toBe(0);
  });

  test('accepts flags as a list or as a map', () => {
    expect(flagValues({ extraArgs: ['--a=1', '--b', '--a=2'] }, 'a')).toEqual(['1', '2']);
    expect(flagValues({ extraArgs: { a: ['1', '2'], b: '3' } }, 'a')).toEqual(['1', '2']);
    expect(flagValues({ extraArgs: { b: '3' } }, 'b')).toEqual(['3']);
  });
});
