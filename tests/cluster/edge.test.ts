import { defineCluster } from '../../cluster/define';
import { accessHosts, tunnelHostnames, tokenName, tunnelHost, tunnelName, tunnelToken } from '../../cluster/tunnel';
import { managedFields } from '../../cluster/vaultFields';
import { baseInput } from './fixtures';

const owner = defineCluster(baseInput());
const other = defineCluster(baseInput({ set: { 'config.cloudflare.ownsZone': false, 'west.ownsZone': true } }));

test('every cluster has a name that leads into its tunnel; the owner of the zone has one without a cluster, too', () => {
  expect(tunnelHostnames(owner)).toEqual({ cluster: 'external-east.example.org', zone: 'external.example.org' });
  expect(tunnelHostnames(other)).toEqual({ cluster: 'external-east.example.org' });
  expect(tunnelName(owner)).toBe('k8s-gitops-east');
  expect(tunnelHost('6ff4')).toBe('6ff4.cfargotunnel.com');
});

test("a tunnel's token is what cloudflared reads", () => {
  const token = tunnelToken('account', 'tunnel', 'c2VjcmV0');
  expect(JSON.parse(Buffer.from(token, 'base64').toString('utf8'))).toEqual({
    a: 'account',
    t: 'tunnel',
    s: 'c2VjcmV0',
  });
});

test("a token's name holds the label of its rotation", () => {
  expect(tokenName('east', 'cert-manager', undefined)).toBe('k8s-gitops east cert-manager');
  expect(tokenName('east', 'cert-manager', '2026-01-31')).toBe('k8s-gitops east cert-manager 2026-01-31');
});

test('hosts behind Access lie below the public domain', () => {
  const access = { hosts: ['grafana', '*'], emails: ['ops@example.org'] };
  expect(accessHosts(defineCluster(baseInput({ set: { 'config.cloudflare.access': access } })))).toEqual([
    'grafana.example.org',
    '*.example.org',
  ]);
  expect(accessHosts(owner)).toEqual([]);
});

test('what the program keeps in the vault has a title that is the whole path, and no two share a field', () => {
  const fields = Object.values(managedFields(owner)).map(({ title, field }) => `${title} ${field}`);
  expect(new Set(fields).size).toBe(fields.length);
  for (const field of fields) expect(field).toMatch(/^kubernetes\/(east|shared)\/[a-z0-9-]+ \S+$/);
});
