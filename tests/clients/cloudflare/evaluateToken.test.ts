import { evaluateToken } from '../../../clients/cloudflare/evaluateToken';

const required = { account: 'Example', zone: 'example.org', permissions: [] };
const token = (hours: number) => {
  const expiresOn = new Date(Date.now() + hours * 3_600_000).toISOString();
  const [result] = evaluateToken(required, { token: { state: 'active', status: 'active', expiresOn } });
  return result;
};

test('a token that expires within a day is refused, one that expires within two weeks only warned of', () => {
  expect(token(20)).toMatchObject({
    what: 'Cloudflare token',
    ok: false,
    why: expect.stringMatching(/within 24 hours$/),
  });
  const soon = token(5 * 24);
  expect(soon).toMatchObject({ ok: true, warning: true, why: expect.stringMatching(/in 5 days$/) });
  expect(soon?.fix).toContain('pulumi config set --secret cloudflareApiToken');
  expect(token(30 * 24)).toMatchObject({ ok: true, why: expect.stringMatching(/^active until /), fix: '' });
});
