import { describeDialTarget, dialHost, dialTarget, formatHostPort, parseHostPort } from '../../cluster/dialOverrides';

const overrides = {
  '10.25.11.1:53': '127.0.0.1:20053',
  '10.25.11.3:9000': 'bastion.example.org:9000',
  '10.25.11.11': '127.25.11.11',
  '10.25.11.11:6443': '127.0.0.1:16443',
  '[fd00::2]:53': '[fd00::3]:5353',
};

test.each([
  ['one port', '10.25.11.1', 53, { host: '127.0.0.1', port: 20053 }],
  ['another port of that host', '10.25.11.1', 54, { host: '10.25.11.1', port: 54 }],
  ['every port of a host', '10.25.11.11', 50000, { host: '127.25.11.11', port: 50000 }],
  ['one port, which takes precedence over the host', '10.25.11.11', 6443, { host: '127.0.0.1', port: 16443 }],
  ['a port of an IPv6 address', 'fd00::2', 53, { host: 'fd00::3', port: 5353 }],
  ['nothing for another host', 'fd00::1', 53, { host: 'fd00::1', port: 53 }],
])('overrides %s', (_what, host, port, expected) => {
  expect(dialTarget(host, port, overrides)).toEqual(expected);
});

test('an override of one port does not change where a host is dialled', () => {
  expect(dialHost('10.25.11.11', overrides)).toBe('127.25.11.11');
  expect(dialHost('10.25.11.1', overrides)).toBe('10.25.11.1');
});

test('messages show the address and where it is dialled', () => {
  expect(describeDialTarget('10.25.11.3', 9000, overrides)).toBe(
    '10.25.11.3:9000 (dialled at bastion.example.org:9000)',
  );
  expect(describeDialTarget('fd00::1', 53, overrides)).toBe('[fd00::1]:53');
});

test.each([
  ['10.0.0.1:53', { host: '10.0.0.1', port: 53 }],
  ['[fd00::1]:53', { host: 'fd00::1', port: 53 }],
  ['host.example.org:1', { host: 'host.example.org', port: 1 }],
  ['10.0.0.1', undefined],
  ['fd00::1:53', undefined],
  ['[10.0.0.1]:53', undefined],
  ['10.0.0.1:0', undefined],
  ['10.0.0.1:65536', undefined],
  [':53', undefined],
])('parses %s', (text, expected) => {
  expect(parseHostPort(text)).toEqual(expected);
  if (expected !== undefined) expect(formatHostPort(expected)).toBe(text);
});
