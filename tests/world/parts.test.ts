import * as fs from 'node:fs';
import * as path from 'node:path';
import { createLabContext } from '../../lab/context';
import { egressEnv } from '../../lab/world/egressEnv';
import { hostRules, worldParts } from '../../lab/world/parts';
import { temporaryFolder } from './temporaryFolder';

const root = temporaryFolder();
const secrets = { connectReadToken: 'READ-TOKEN', connectWriteToken: 'WRITE-TOKEN', pulumiPassphrase: 'PASS' };
const settings = {
  GIT_URL: 'https://git.example/owner/repo.git',
  GIT_BRANCH: 'main',
  ONEPASSWORD_CONNECT_HOST: 'https://op.example',
  ONEPASSWORD_VAULT: 'vault',
  TALOS_VERSION: 'v1.11.9',
};
let next = 21000;
const names = ['egress-proxy', 'chart-registry', 'git', 'connect', 'image-factory'];
const ctx = createLabContext({
  root,
  prefix: '127.25',
  ports: Object.fromEntries(names.map((name) => [name, next++])),
  tools: { helm: '/bin/helm', crane: '/bin/crane' },
  clusters: [
    { name: 'one', nodes: [], settings },
    { name: 'two', nodes: [], settings },
  ],
  secrets,
  ha: false,
  plugins: 'standin',
  moduleDir: (module) => `/modules/${module}`,
});
const parts = worldParts(ctx);
const configOf = (name: string) =>
  JSON.parse(fs.readFileSync(path.join(root, '.lab', 'config', `${name}.json`), 'utf8'));

describe('the parts of the outside world', () => {
  test('are stand-ins, and only the charts wait for another part', () => {
    expect(parts.map(({ name, real, needs }) => [name, real, needs])).toEqual([
      ['chart-registry', false, []],
      ['charts', false, ['chart-registry']],
      ['git', false, []],
      ['connect', false, []],
      ['image-factory', false, []],
      ['egress-proxy', false, []],
    ]);
  });

  test('tokens are in a private file, not in arguments or environment', () => {
    expect(JSON.stringify(parts)).not.toMatch(/TOKEN|PASS/);
    expect(fs.statSync(path.join(root, '.lab', 'config', 'connect.json')).mode & 0o777).toBe(0o600);
    expect(configOf('connect')).toMatchObject({
      tokens: [
        { token: 'READ-TOKEN', vaults: { vault: 'read' } },
        { token: 'WRITE-TOKEN', vaults: { vault: 'write' } },
      ],
      vaults: { vault: [] },
    });
  });

  test('the image factory knows the Talos version of the settings', () => {
    expect(configOf('image-factory').versions).toContain('v1.11.9');
  });

  test('each outside name has one answer', () => {
    const table = Object.fromEntries(hostRules(ctx).map(({ host, upstream, refusal }) => [host, upstream ?? refusal]));
    expect(table).toEqual({
      'quay.io': 'http://127.0.0.1:21001',
      'ghcr.io': 'http://127.0.0.1:21001',
      'git.example': 'http://127.0.0.1:21002',
      'github.com': 'http://127.0.0.1:21002',
      'op.example': 'http://127.0.0.1:21003',
      'factory.talos.dev': 'http://127.0.0.1:21004',
      'api.cloudflare.com': "the lab's stand-in for api.cloudflare.com is not built yet",
    });
  });

  test('clients find the proxy and trust the lab only', () => {
    const ca = path.join(root, '.lab', 'pki', 'ca.crt');
    expect(egressEnv(ctx)).toMatchObject({
      HTTPS_PROXY: 'http://127.0.0.1:21000',
      https_proxy: 'http://127.0.0.1:21000',
      NO_PROXY: '127.0.0.0/8,127.0.0.1,localhost,::1',
      SSL_CERT_FILE: ca,
      SSL_CERT_DIR: path.dirname(ca),
      NODE_EXTRA_CA_CERTS: ca,
      GIT_SSL_CAINFO: ca,
    });
  });
});
