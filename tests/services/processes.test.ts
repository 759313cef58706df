import * as fs from 'node:fs';
import * as path from 'node:path';
import { createLabContext, type LabCluster, type LabNode } from '../../lab/context';
import { connectTokenKey } from '../../lab/services/connect/key';
import { publicKeyOf } from '../../lab/services/connect/token';
import { egressEnv } from '../../lab/services/proxy/egressEnv';
import { labDialOverrides } from '../../lab/services/networkServices';
import { hostRules, serviceProcesses } from '../../lab/services/processes';
import { temporaryFolder } from './temporaryFolder';

const root = temporaryFolder();
const secrets = {
  connectReadToken: 'READ-TOKEN',
  connectWriteToken: 'WRITE-TOKEN',
  cloudflareApiToken: 'C'.repeat(40),
  pulumiPassphrase: 'PASS',
};
const settings = {
  GIT_URL: 'https://git.example/owner/repo.git',
  GIT_BRANCH: 'main',
  ONEPASSWORD_CONNECT_HOST: 'https://op.example',
  ONEPASSWORD_VAULT: 'vault',
  TALOS_VERSION: 'v1.11.9',
  SECRET_DOMAIN: 'example.org',
  PRIVATE_DOMAIN: 'lan.example.org',
  BIND_HOST: '10.0.0.2',
  VOLSYNC_S3_HOST: '10.0.0.3',
  VOLSYNC_S3_PORT: '9000',
};
const links = { names: [], selectors: [] };
const nodes = (net: string): LabNode[] => [
  { name: `${net}-a`, role: 'controlplane', address: `10.0.${net}.1`, endpoint: `127.25.${net}.1`, links },
  { name: `${net}-b`, role: 'worker', address: `10.0.${net}.2`, endpoint: `127.25.${net}.2`, links },
];
const clusters: LabCluster[] = [
  {
    name: 'one',
    nodes: nodes('1'),
    settings: { ...settings, K8S_API_HOST: 'one.example.org' },
    cloudflareAccount: 'company',
    nameservers: ['10.0.0.1', '10.0.0.4', 'fd00::1'],
  },
  {
    name: 'two',
    nodes: nodes('2'),
    settings: { ...settings, K8S_API_HOST: 'two.example.org', SECRET_DOMAIN: 'other.example' },
    cloudflareAccount: 'company',
  },
];
let next = 21000;
const names = ['egress-proxy', 'chart-registry', 'git', 'connect', 'image-factory', 'cloudflare'];
const networkNames = ['name-server', 'bind', 'object-store', 'helm-repositories'];
const ctx = createLabContext({
  root,
  prefix: '127.25',
  ports: Object.fromEntries([...names, ...networkNames].map((name) => [name, next++])),
  tools: { helm: '/bin/helm', crane: '/bin/crane' },
  clusters,
  secrets,
  ha: false,
  plugins: 'standin',
  moduleDir: (module) => `/modules/${module}`,
});
const processes = serviceProcesses(ctx);
const configOf = (name: string) =>
  JSON.parse(fs.readFileSync(path.join(root, '.lab', 'config', `${name}.json`), 'utf8'));

describe('the service processes', () => {
  test('are stand-ins, and only the charts job waits for another process', () => {
    expect(processes.map(({ name, real, needs }) => [name, real, needs])).toEqual([
      ['chart-registry', false, []],
      ['charts', false, ['chart-registry']],
      ['helm-repositories', false, []],
      ['git', false, []],
      ['connect', false, []],
      ['cloudflare', false, []],
      ['image-factory', false, []],
      ['name-server', false, []],
      ['bind', false, []],
      ['object-store', false, []],
      ['egress-proxy', false, []],
    ]);
  });

  test('tokens are in private files, not in arguments or environment', () => {
    expect(JSON.stringify(processes)).not.toMatch(/TOKEN|PASS|CCCC/);
    for (const name of ['connect', 'cloudflare']) {
      expect(fs.statSync(path.join(root, '.lab', 'config', `${name}.json`)).mode & 0o777).toBe(0o600);
    }
  });

  test("Connect gets the clusters' vaults and the public key that verifies tokens", () => {
    const key = connectTokenKey(path.join(root, '.lab'));
    expect(fs.statSync(path.join(root, '.lab', 'connect', 'token.key')).mode & 0o777).toBe(0o600);
    expect(configOf('connect')).toEqual({
      port: 21003,
      stateFile: path.join(root, '.lab', 'connect', 'vaults.json'),
      tokenKey: publicKeyOf(key),
      vaults: { vault: [] },
      lagMilliseconds: 500,
    });
  });

  test("Cloudflare gets each account once, with its clusters' public domains, and the program's token", () => {
    expect(configOf('cloudflare')).toEqual({
      port: 21005,
      stateFile: path.join(root, '.lab', 'cloudflare', 'state.json'),
      accounts: [{ name: 'company', zones: ['example.org', 'other.example'] }],
      tokens: [{ name: 'lab: the program', value: 'C'.repeat(40) }],
    });
  });

  test("the resolver maps API hosts to the control planes' real addresses, BIND serves the private domain", () => {
    expect(configOf('name-server')).toEqual({
      port: 21006,
      addresses: { 'one.example.org': ['10.0.1.1'], 'two.example.org': ['10.0.2.1'], 'op.example': ['127.0.0.1'] },
      zones: [],
    });
    expect(configOf('bind')).toEqual({ port: 21007, addresses: {}, zones: ['lan.example.org'] });
  });

  test("dialOverrides redirect the nodes and the services of the nodes' network to loopback", () => {
    expect(clusters.map((cluster) => labDialOverrides(cluster, ctx))).toEqual([
      {
        '10.0.1.1': '127.25.1.1',
        '10.0.1.2': '127.25.1.2',
        '10.0.0.1:53': '127.0.0.1:21006',
        '10.0.0.4:53': '127.0.0.1:21006',
        '[fd00::1]:53': '127.0.0.1:21006',
        '10.0.0.2:53': '127.0.0.1:21007',
        '10.0.0.3:9000': '127.0.0.1:21008',
      },
      {
        '10.0.2.1': '127.25.2.1',
        '10.0.2.2': '127.25.2.2',
        '10.0.0.2:53': '127.0.0.1:21007',
        '10.0.0.3:9000': '127.0.0.1:21008',
      },
    ]);
  });

  test("the image factory offers the clusters' Talos version", () => {
    expect(configOf('image-factory').versions).toContain('v1.11.9');
  });

  test('each host has exactly one upstream', () => {
    const table = Object.fromEntries(hostRules(ctx).map(({ host, upstream, refusal }) => [host, upstream ?? refusal]));
    expect(table).toEqual({
      'quay.io': 'http://127.0.0.1:21001',
      'ghcr.io': 'http://127.0.0.1:21001',
      'charts.gitlab.io': 'http://127.0.0.1:21009',
      'helm.goharbor.io': 'http://127.0.0.1:21009',
      'git.example': 'http://127.0.0.1:21002',
      'github.com': 'http://127.0.0.1:21002',
      'op.example': 'http://127.0.0.1:21003',
      'factory.talos.dev': 'http://127.0.0.1:21004',
      'api.cloudflare.com': 'http://127.0.0.1:21005',
      'region1.v2.argotunnel.com': 'http://127.0.0.1:21005',
    });
  });

  test('clients use the proxy and trust only the lab', () => {
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
