import { CloudflareLab, rootToken, weakToken } from './cloudflareLab';

const lab = new CloudflareLab();
let records = '';

beforeAll(async () => {
  await lab.start();
  records = `/zones/${lab.zoneId('example.org')}/dns_records`;
});
afterAll(() => lab.stop());

const cname = { name: 'a.example.org', type: 'CNAME', content: 'X.cfargotunnel.com', proxied: true, ttl: 1 };

test('a record is created, read, replaced, patched and deleted', async () => {
  const { result } = await lab.call('POST', records, { ...cname, comment: 'ours' });
  expect(result).toMatchObject({ ...cname, content: 'x.cfargotunnel.com', comment: 'ours', proxiable: true, tags: [] });
  const own = `${records}/${result.id}`;
  expect((await lab.call('GET', own)).result).toEqual(result);
  // PUT removes fields that are not given.
  expect((await lab.call('PUT', own, { ...cname, ttl: 300, proxied: false })).result).toMatchObject({
    ttl: 300,
    proxied: false,
    comment: null,
  });
  expect((await lab.call('PATCH', own, { proxied: true })).result).toMatchObject({ ttl: 1, proxied: true });
  expect((await lab.call('GET', `${records}?name=a.example.org&type=CNAME`)).result).toHaveLength(1);
  expect((await lab.call('GET', `${records}?name=b.example.org`)).result).toEqual([]);
  expect((await lab.call('DELETE', own)).result).toEqual({ id: result.id });
  expect(await lab.expectError('GET', own)).toEqual([404, '81044 Record does not exist.']);
});

test('a name outside the zone is relative to it', async () => {
  const names = ['www', '@', 'www.other.org'];
  const created = await Promise.all(
    names.map(
      async (name) => (await lab.call('POST', records, { name, type: 'TXT', content: `"${name}"` })).result.name,
    ),
  );
  expect(created).toEqual(['www.example.org', 'example.org', 'www.other.org.example.org']);
});

describe('conflicts with existing records', () => {
  beforeAll(async () => {
    await lab.call('POST', records, { ...cname, name: 'taken' });
    await lab.call('POST', records, { name: 'address', type: 'A', content: '192.0.2.1' });
  });

  test.each([
    ['an identical record', { ...cname, name: 'taken' }, '81058 An identical record already exists.'],
    [
      'a second CNAME',
      { ...cname, name: 'taken', content: 'other.example.org' },
      '81053 An A, AAAA, or CNAME record with that host already exists.',
    ],
    [
      'a CNAME for a name with an address',
      { ...cname, name: 'address' },
      '81053 An A, AAAA, or CNAME record with that host already exists.',
    ],
    [
      'an address for a name with a CNAME',
      { name: 'taken', type: 'A', content: '192.0.2.1' },
      '81054 A CNAME record with that host already exists.',
    ],
  ])('rejects %s', async (_, body, message) => {
    expect(await lab.expectError('POST', records, body)).toEqual([400, message]);
  });

  test('allows a second address, and a TXT record for a name with a CNAME', async () => {
    for (const body of [
      { name: 'address', type: 'A', content: '192.0.2.2' },
      { name: 'taken', type: 'TXT', content: '"x"' },
    ]) {
      expect((await lab.call('POST', records, body)).status).toBe(200);
    }
  });
});

test.each([
  [{ name: '' }, '9000 DNS name is invalid.'],
  [{ content: 'no host' }, '9007 Content for CNAME record is invalid.'],
  [{ type: 'A', content: 'x' }, '9005 Content for A record must be a valid IPv4 address.'],
  [{ type: 'AAAA', content: '192.0.2.1' }, '9006 Content for AAAA record must be a valid IPv6 address.'],
  [{ type: 'TXT', content: '"x"' }, '9004 This record type cannot be proxied.'],
  [{ type: 'MX' }, '1004 DNS record type "MX" is not supported by the lab\'s Cloudflare stand-in'],
  [{ ttl: 30 }, '9021 Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.'],
  [{ proxied: 'yes' }, "9003 Invalid 'proxied' value, must be a boolean"],
  [{ tags: ['a:b'] }, '9301 DNS record has 1 tags, exceeding the quota of 0.'],
  [{ comment: 'x'.repeat(101) }, '9313 DNS record comment exceeds 100 characters.'],
])('rejects a record with %j', async (change, message) => {
  expect(await lab.expectError('POST', records, { ...cname, ...change })).toEqual([400, message]);
});

test('a token without DNS permissions can neither write nor read', async () => {
  expect(await lab.expectError('POST', records, cname, weakToken)).toEqual([403, '10000 Authentication error']);
  expect(await lab.expectError('GET', records, undefined, weakToken)).toEqual([403, '10000 Authentication error']);
  expect((await lab.call('GET', records, undefined, rootToken)).status).toBe(200);
});
