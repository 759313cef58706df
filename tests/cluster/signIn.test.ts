import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineCluster } from '../../cluster/defineCluster';
import { peopleSystem } from '../../cluster/systemNames';
import { controlPlanePatch } from '../../cluster/talos/controlPlanePatch';
import { baseInput } from './fixtures';

/** What the patch of control planes says about the API server. */
function apiServerOf(changes: Parameters<typeof baseInput>[0]): { certSANs?: object; extraArgs?: object } {
  const { cluster } = controlPlanePatch(defineCluster(baseInput(changes))) as { cluster: { apiServer: object } };
  return cluster.apiServer;
}

const listed = { [`systems.${peopleSystem}`]: {} };
const tokens = {
  'oidc-issuer-url': 'https://sso.example.org/realms/people',
  'oidc-client-id': 'kubernetes',
  'oidc-username-claim': 'preferred_username',
  'oidc-username-prefix': 'oidc:',
  'oidc-groups-claim': 'groups',
  'oidc-groups-prefix': 'oidc:',
};

test('with roles for people and an issuer, the API server takes its tokens', () => {
  expect(apiServerOf({ set: listed }).extraArgs).toEqual(tokens);
});

test.each([
  ['roles for people', {}],
  ['an issuer', { set: listed, remove: ['settings.OIDC_ISSUER_URL'] }],
])('without %s, its configuration stays as it was', (_what, changes) => {
  expect(Object.keys(apiServerOf(changes))).toEqual(['certSANs']);
});

test('the system that decides it exists', () => {
  const file = join(__dirname, '..', '..', 'kubernetes/systems', peopleSystem, 'ks.yaml');
  expect(readFileSync(file, 'utf8')).toContain(`  name: ${peopleSystem}\n`);
});
