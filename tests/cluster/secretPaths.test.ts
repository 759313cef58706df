import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { configurationDocuments } from '../../cluster/rollout/configurationDocuments';
import { isSecretPath, isSecretText, maskSecrets, secretTexts } from '../../cluster/talos/secretPaths';
import { fleetNames } from './fleets';

const masked = (text: string) => maskSecrets(parse(text) as Record<string, string>);

describe('secret paths', () => {
  test.each([
    ['v1alpha1', 'machine.token'],
    ['v1alpha1', 'machine.ca.key'],
    ['v1alpha1', 'machine.acceptedCAs.0.key'],
    ['v1alpha1', 'machine.env.https_proxy'],
    ['v1alpha1', 'machine.files.0.content'],
    ['v1alpha1', 'machine.pods.0.spec'],
    ['v1alpha1', 'machine.registries.config.ghcr.io.auth.password'],
    ['v1alpha1', 'machine.registries.config.ghcr.io.auth.username'],
    ['v1alpha1', 'machine.registries.config.ghcr.io.tls.clientIdentity.key'],
    ['v1alpha1', 'machine.network.interfaces.0.wireguard.privateKey'],
    ['v1alpha1', 'machine.network.interfaces.0.wireguard.peers.0.presharedKey'],
    ['v1alpha1', 'machine.network.interfaces.0.vip.hcloud.apiToken'],
    ['v1alpha1', 'machine.systemDiskEncryption.state.keys.0.static.passphrase'],
    ['v1alpha1', 'machine.kubelet.credentialProviderConfig.providers.0.env.0.value'],
    ['v1alpha1', 'cluster.secret'],
    ['v1alpha1', 'cluster.token'],
    ['v1alpha1', 'cluster.ca.key'],
    ['v1alpha1', 'cluster.aggregatorCA.key'],
    ['v1alpha1', 'cluster.etcd.ca.key'],
    ['v1alpha1', 'cluster.serviceAccount.key'],
    ['v1alpha1', 'cluster.secretboxEncryptionSecret'],
    ['v1alpha1', 'cluster.aescbcEncryptionSecret'],
    ['v1alpha1', 'cluster.apiServer.env.TOKEN_OF_WEBHOOK'],
    ['v1alpha1', 'cluster.inlineManifests.0.contents'],
    ['v1alpha1', 'cluster.extraManifestHeaders.X-Auth'],
    ['WireguardConfig wg0', 'privateKey'],
    ['WireguardConfig wg0', 'peers.0.presharedKey'],
    ['UserVolumeConfig data', 'encryption.keys.0.static.passphrase'],
    ['RegistryAuthConfig ghcr.io', 'password'],
    ['RegistryTLSConfig ghcr.io', 'clientIdentity.key'],
    ['HCloudVIPConfig 10.0.0.1', 'apiToken'],
    ['SideroLinkConfig', 'uniqueToken'],
    ['EnvironmentConfig', 'variables.https_proxy'],
    ['ExtensionServiceConfig tailscale', 'environment.0'],
    ['ExtensionServiceConfig tailscale', 'configFiles.0.content'],
  ])('%s %s', (document, path) => {
    expect(isSecretPath(document, path.split('.'))).toBe(true);
  });

  test.each([
    ['v1alpha1', 'machine.ca.crt'],
    ['v1alpha1', 'machine.files.0.path'],
    ['v1alpha1', 'machine.sysctls.net.core.somaxconn'],
    ['v1alpha1', 'machine.network.interfaces.0.wireguard.peers.0.publicKey'],
    ['v1alpha1', 'machine.registries.config.ghcr.io.tls.ca'],
    ['v1alpha1', 'cluster.apiServer.certSANs.0'],
    ['v1alpha1', 'cluster.inlineManifests.0.name'],
    ['BondConfig bond0', 'adUserPortKey'],
    ['UserVolumeConfig data', 'encryption.keys.0.kms.endpoint'],
    ['ExtensionServiceConfig tailscale', 'configFiles.0.mountPath'],
    ['StaticHostConfig 10.0.0.1', 'variables.0'],
  ])('not %s %s', (document, path) => {
    expect(isSecretPath(document, path.split('.'))).toBe(false);
  });
});

const pem = (label: string): string => `-----BEGIN ${label}-----\nMHc=\n-----END ${label}-----\n`;
const privateKey = pem('EC PRIVATE KEY');

test.each([
  ['https://user:password@proxy.example.org', true],
  ['https://siderolink.example.org?jointoken=abc', true],
  [privateKey, true],
  [Buffer.from(privateKey).toString('base64'), true],
  [Buffer.from(privateKey.replaceAll('PRIVATE', 'PUBLIC')).toString('base64'), false],
  ['https://proxy.example.org/a@b', false],
])('text that is secret by itself: %j is %p', (text, expected) => {
  expect(isSecretText(text)).toBe(expected);
});

test('secrets are masked, and everything else stays', () => {
  const document = `
machine:
  token: abc.defghijkl
  ca: {crt: Y2VydA==, key: c2VjcmV0IGtleQ==}
  env: {NO_PROXY: cluster.local}
  files: [{path: /etc/a, permissions: 420, content: a text}]
  install: {disk: /dev/sda, extraKernelArgs: [quiet, 'siderolink.api=https://s.example.org?jointoken=x']}
  nodeAnnotations: {example.org/note: it uses abc.defghijkl}
  registries: {config: {ghcr.io: {auth: {username: u, password: p}, tls: {insecureSkipVerify: true}}}}
cluster: {network: {dnsDomain: cluster.local}, apiServer: null}
`;
  expect(masked(document)).toEqual({
    machine: {
      token: '[secret]',
      ca: { crt: 'Y2VydA==', key: '[secret]' },
      env: { NO_PROXY: '[secret]' },
      files: [{ path: '/etc/a', permissions: 420, content: '[secret]' }],
      install: { disk: '/dev/sda', extraKernelArgs: ['quiet', '[secret]'] },
      nodeAnnotations: { 'example.org/note': '[secret]' },
      registries: {
        config: {
          'ghcr.io': { auth: { username: '[secret]', password: '[secret]' }, tls: { insecureSkipVerify: true } },
        },
      },
    },
    cluster: { network: { dnsDomain: 'cluster.local' }, apiServer: null },
  });
});

test('documents of other kinds, also unknown ones', () => {
  expect(masked('{apiVersion: v1alpha1, kind: WireguardConfig, name: wg0, privateKey: a, listenPort: 1}')).toEqual({
    apiVersion: 'v1alpha1',
    kind: 'WireguardConfig',
    name: 'wg0',
    privateKey: '[secret]',
    listenPort: 1,
  });
  expect(masked('{kind: Unknown, pin: 1, admin: {password: 1}}')).toEqual({
    kind: 'Unknown',
    pin: 1,
    admin: { password: '[secret]' },
  });
});

test('placeholders stay, also where secrets are', () => {
  const keep = new Set(['[secret] machine.token']);
  expect(maskSecrets({ machine: { token: '[secret] machine.token' }, cluster: { token: 'a' } }, keep)).toEqual({
    machine: { token: '[secret] machine.token' },
    cluster: { token: '[secret]' },
  });
});

test('texts at secret paths', () => {
  const document = { machine: { token: 'abc.defghijkl', env: { A: 'short', B: 'long enough' }, type: 'controlplane' } };
  expect(secretTexts('v1alpha1', document)).toEqual(['abc.defghijkl', 'long enough']);
  expect(secretTexts('v1alpha1', 'long enough', ['machine', 'env', 'B'])).toEqual(['long enough']);
});

// The library masks with `***`: whatever it holds for a secret must be one here.
test('what the Talos library takes for a secret is one', () => {
  const folder = join(__dirname, '..', 'fixtures', 'machines');
  let found = 0;
  for (const fleet of fleetNames) {
    for (const file of readdirSync(join(folder, fleet)).filter((name) => name.startsWith('machine-'))) {
      for (const [name, document] of configurationDocuments(readFileSync(join(folder, fleet, file), 'utf8'))) {
        const places = stars(document, []).filter((path) => !/\.crt$|^cluster\.id$/.test(path));
        found += places.length;
        expect(places.filter((path) => !isSecretPath(name, path.split('.')))).toEqual([]);
      }
    }
  }
  expect(found).toBeGreaterThan(100);
});

function stars(value: unknown, path: string[]): string[] {
  if (value === '***' || value === Buffer.from('***').toString('base64')) return [path.join('.')];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => stars(item, [...path, key]));
}
