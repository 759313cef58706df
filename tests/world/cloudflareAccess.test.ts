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

test('a policy and an application: made, shown whole, changed, deleted in their order', async () => {
  const { result: made } = await lab.call('POST', `${access}/policies`, policy);
  expect(made).toMatchObject({
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
    policies: [{ id: made.id, precedence: 1 }],
  };
  const { result: app } = await lab.call('POST', `${access}/apps`, body);
  expect(app).toMatchObject({
    domain: 'grafana.example.org',
    self_hosted_domains: ['grafana.example.org'],
    session_duration: '24h',
    aud: expect.stringMatching(/^[0-9a-f]{64}$/),
    policies: [{ id: made.id, name: 'people', precedence: 1 }],
  });
  expect(await lab.refusal('POST', `${access}/apps`, body)).toEqual([
    409,
    '11010 access.api.error.application_already_exists: grafana.example.org',
  ]);
  expect((await lab.call('PUT', `${access}/apps/${app.id}`, { ...body, name: 'renamed' })).result.name).toBe('renamed');
  expect((await lab.call('PUT', `${access}/policies/${made.id}`, { ...policy, name: 'team' })).result.name).toBe(
    'team',
  );

  expect(await lab.refusal('DELETE', `${access}/policies/${made.id}`)).toEqual(
    invalid('the policy is in use by an application'),
  );
  expect((await lab.call('DELETE', `${access}/apps/${app.id}`)).status).toBe(200);
  expect((await lab.call('DELETE', `${access}/policies/${made.id}`)).status).toBe(200);
  expect(await lab.refusal('GET', `${access}/apps/${app.id}`)).toEqual([
    404,
    '11021 access.api.error.unknown_application',
  ]);
  expect(await lab.refusal('GET', `${access}/policies/${made.id}`)).toEqual([
    404,
    '12133 access.api.error.not_found: policy not found',
  ]);
});

test.each([
  [{ name: undefined }, 'name is required'],
  [{ decision: 'maybe' }, 'unknown decision "maybe"'],
  [{ include: [] }, 'at least one include rule is required'],
  [{ include: [{ email: {} }] }, 'email needs email'],
  [{ include: [{ ip: { ip: '192.0.2.0/24' } }] }, 'the selector "ip" is not in the lab\'s stand-in for Cloudflare'],
])('a policy with %j is refused', async (change, reason) => {
  expect(await lab.refusal('POST', `${access}/policies`, { ...policy, ...change })).toEqual(invalid(reason));
});

test.each([
  [{ type: 'saas' }, 'the type "saas" is not in the lab\'s stand-in for Cloudflare'],
  [{ destinations: [] }, 'domain or destinations is required'],
  [{ destinations: [{ uri: 'a.elsewhere.org' }] }, 'domain a.elsewhere.org does not belong to a zone of the account'],
  [{ policies: ['x'] }, 'there is no policy x'],
])('an application with %j is refused', async (change, reason) => {
  const body = { type: 'self_hosted', destinations: [{ uri: 'a.example.org' }], ...change };
  expect(await lab.refusal('POST', `${access}/apps`, body)).toEqual(invalid(reason));
});
