import { defineCluster as define } from '../../cluster/defineCluster';
import type { ClusterWithCloudflare } from '../../cluster/definition';
import { accessHosts, tunnelHostnames, tokenName, tunnelHost, tunnelName, tunnelToken } from '../../cluster/tunnel';
import { managedFields } from '../../cluster/onePasswordFields';
import { baseInput } from './fixtures';

const defineCluster = (...input: Parameters<typeof define>) => define(...input) as ClusterWithCloudflare;
const owner = defineCluster(baseInput());
const other = defineCluster(baseInput({ set: { 'config.cloudflare.ownsZone': false, 'west.ownsZone': true } }));

test('every cluster has a hostname for its tunnel; the owner of the zone also has one for the zone', () => {
  expect(tunnelHostnames(owner)).toEqual({ cluster: 'external-east.example.org', zone: 'external.example.org' });
  expect(tunnelHostnames(other)).toEqual({ cluster: 'external-east.example.org' });
  expect(tunnelName(owner)).toBe('k8s-gitops-east');
  expect(tunnelHost('6ff4')).toBe('6ff4.cfargotunnel.com');
});

test("a tunnel's token has the form that cloudflared reads", () => {
  const token = tunnelToken('account', 'tunnel', 'c2VjcmV0');
  expect(JSON.parse(Buffer.from(token, 'base64').toString('utf8'))).toEqual({
    a: 'account',
    t: 'tunnel',
    s: 'c2VjcmV0',
  });
});

test("a token's name includes its rotation label", () => {
  expect(tokenName(owner, 'cert-manager', undefined)).toBe('k8s-gitops east cert-manager');
  expect(tokenName(owner, 'cert-manager', '2026-01-31')).toBe('k8s-gitops east cert-manager 2026-01-31');
});

test('hosts behind Access are in the public domain', () => {
  const access = { hosts: ['grafana', '*'], emails: ['ops@example.org'] };
  expect(accessHosts(defineCluster(baseInput({ set: { 'config.cloudflare.access': access } })))).toEqual([
    'grafana.example.org',
    '*.example.org',
  ]);
  expect(accessHosts(owner)).toEqual([]);
});

test('the titles of managed fields are full paths, and no two fields are the same', () => {
  const fields = Object.values(managedFields(owner)).map(({ title, field }) => `${title} ${field}`);
  expect(new Set(fields).size).toBe(fields.length);
  for (const field of fields) expect(field).toMatch(/^kubernetes\/(east|shared)\/[a-z0-9-]+ \S+$/);
});
