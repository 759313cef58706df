import { CloudflareLab } from './cloudflareLab';

const lab = new CloudflareLab();
let access = '';
const include = [{ email: { email: 'ops@example.org' } }, { email_domain: { domain: 'example.org' } }];
const policy = { name: 'people', decision: 'allow', include };
const invalid = (reason: string): unknown[] => [400, `12130 access.api.error.invalid_request: ${reason}`];

beforeAll(async () => {
  await lab.start();
  access = `/accounts/${lab.accountId('ours')}/access`;
});
afterAll(() => lab.stop());

test('a policy and an application are created, returned in full, updated, and deleted in order', async () => {
  const { result: created } = await lab.call('POST', `${access}/policies`, policy);
  expect(created).toMatchObject({
    ...policy,
    exclude: [],
    require: [],
    session_duration: '24h',
    reusable: true,
    app_count: 0,
  });
  const body = {
    type: 'self_hosted',
    name: 'apps',
    destinations: [{ type: 'public', uri: 'grafana.example.org' }],
    policies: [{ id: created.id, precedence: 1 }],
  };
  const { result: app } = await lab.call('POST', `${access}/apps`, body);
  expect(app).toMatchObject({
    domain: 'grafana.example.org',
    self_hosted_domains: ['grafana.example.org'],
    session_duration: '24h',
    aud: expect.stringMatching(/^[0-9a-f]{64}$/),
    policies: [{ id: created.id, name: 'people', precedence: 1 }],
  });
  expect(await lab.expectError('POST', `${access}/apps`, body)).toEqual([
    409,
    '11010 access.api.error.application_already_exists: grafana.example.org',
  ]);
  expect((await lab.call('PUT', `${access}/apps/${app.id}`, { ...body, name: 'renamed' })).result.name).toBe('renamed');
  expect((await lab.call('PUT', `${access}/policies/${created.id}`, { ...policy, name: 'team' })).result.name).toBe(
    'team',
  );

  expect(await lab.expectError('DELETE', `${access}/policies/${created.id}`)).toEqual(
    invalid('the policy is in use by an application'),
  );
  expect((await lab.call('DELETE', `${access}/apps/${app.id}`)).status).toBe(200);
  expect((await lab.call('DELETE', `${access}/policies/${created.id}`)).status).toBe(200);
  expect(await lab.expectError('GET', `${access}/apps/${app.id}`)).toEqual([
    404,
    '11021 access.api.error.unknown_application',
  ]);
  expect(await lab.expectError('GET', `${access}/policies/${created.id}`)).toEqual([
    404,
    '12133 access.api.error.not_found: policy not found',
  ]);
});

test.each([
  [{ name: undefined }, 'name is required'],
  [{ decision: 'maybe' }, 'unknown decision "maybe"'],
  [{ include: [] }, 'at least one include rule is required'],
  [{ include: [{ email: {} }] }, 'email needs email'],
  [
    { include: [{ ip: { ip: '192.0.2.0/24' } }] },
    'the selector "ip" is not supported by the lab\'s Cloudflare stand-in',
  ],
])('rejects a policy with %j', async (change, reason) => {
  expect(await lab.expectError('POST', `${access}/policies`, { ...policy, ...change })).toEqual(invalid(reason));
});

test.each([
  [{ type: 'saas' }, 'the type "saas" is not supported by the lab\'s Cloudflare stand-in'],
  [{ destinations: [] }, 'domain or destinations is required'],
  [{ destinations: [{ uri: 'a.elsewhere.org' }] }, 'domain a.elsewhere.org does not belong to a zone of the account'],
  [{ policies: ['x'] }, 'there is no policy x'],
])('rejects an application with %j', async (change, reason) => {
  const body = { type: 'self_hosted', destinations: [{ uri: 'a.example.org' }], ...change };
  expect(await lab.expectError('POST', `${access}/apps`, body)).toEqual(invalid(reason));
});
