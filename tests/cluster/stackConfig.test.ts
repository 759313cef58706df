import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatProblem } from '../../cluster/problems';
import { keyPath } from '../../cluster/keyPath';
import { parseStackConfig, secretConfigKeys, secretsOfEnvironment } from '../../cluster/stackConfig';
import { listStacks, readStackFile, stackConfigSource, stackKey } from '../../cluster/stackFile';
import { baseInput } from './fixtures';

const root = join(__dirname, '..', '..');

describe('a stack configuration', () => {
  test('has no problems in the valid base, and default timeouts', () => {
    const { config, problems } = parseStackConfig(baseInput().config);
    expect(problems).toEqual([]);
    expect(config.timeouts).toEqual({ etcd: 1200, crds: 600, handover: 1200 });
    expect(config.nodes?.map((node) => node.name)).toEqual(['east-01', 'east-02', 'east-03', 'east-04']);
  });

  test('keeps the default of one timeout when another is set', () => {
    const { config } = parseStackConfig(baseInput({ set: { 'config.timeouts': { crds: 30 } } }).config);
    expect(config.timeouts).toEqual({ etcd: 1200, crds: 30, handover: 1200 });
  });

  test('does not show values of a section that the engine marks as secret', () => {
    const { config } = baseInput();
    const machines = { ...(config.values.machines as object), installDisk: 'hunter2' };
    const parsed = parseStackConfig({
      ...config,
      values: { ...config.values, machines },
      secretKeys: new Set([...secretConfigKeys, 'machines']),
    });
    expect(parsed.problems.map(formatProblem)).toEqual([
      'Pulumi.east.yaml machines: found a secret, expected plain text (inside an object, a secret does not stay secret); ' +
        'store secrets in their own keys: connectToken, connectWriteToken, cloudflareApiToken',
    ]);
    expect(parsed.config.machines).toBeUndefined();
    expect(parsed.config.nodes).toHaveLength(4);
  });

  test('is still parsed without its unknown keys', () => {
    const { config } = parseStackConfig(baseInput({ set: { 'config.machines.network.mtus': 1 } }).config);
    expect(config.machines).toMatchObject({ network: { nodeAddressOn: 'bond0' } });
    expect(config.machines?.network).not.toHaveProperty('mtus');
  });

  test('loses only its invalid sections', () => {
    const { config } = parseStackConfig(baseInput({ set: { 'config.machines.installDisk': 1 } }).config);
    expect(Object.keys(config).sort()).toEqual([
      'allowSchedulingOnControlPlanes',
      'apiEndpoint',
      'applyMode',
      'bootstrapEtcdAgain',
      'cloudflare',
      'controlPlane',
      'dialOverrides',
      'gitCredentials',
      'imageFactory',
      'nodes',
      'platform',
      'rollout',
      'rotations',
      'schematics',
      'talosConfigVersion',
      'timeouts',
      'worker',
    ]);
  });
});

test('secrets that the stack does not set come from the environment, except the token for clusters', () => {
  const env = { OP_CONNECT_TOKEN: 'write', CLOUDFLARE_API_TOKEN: 'cloudflare' };
  const both = { connectWriteToken: 'write', cloudflareApiToken: 'cloudflare' };
  expect(secretsOfEnvironment({ cloudflare: {} }, env)).toEqual(both);
  // Without the section, the variable is for something else.
  expect(secretsOfEnvironment({}, env)).toEqual({ connectWriteToken: 'write' });
  expect(secretsOfEnvironment({ connectWriteToken: 'of the stack', cloudflare: {} }, env)).toEqual({
    cloudflareApiToken: 'cloudflare',
  });
  expect(secretsOfEnvironment({}, {})).toEqual({});
});

describe('stack files', () => {
  test.each(listStacks(root))('Pulumi.%s.yaml is complete except for its secrets', (stack) => {
    const source = readStackFile(join(root, `Pulumi.${stack}.yaml`), 'k8s-gitops');
    expect(source.file).toBe(`Pulumi.${stack}.yaml`);
    expect(parseStackConfig(source).problems.map(formatProblem)).toEqual([
      `Pulumi.${stack}.yaml connectToken: found nothing, expected a secret; run: pulumi config set --secret connectToken`,
      `Pulumi.${stack}.yaml connectWriteToken: found nothing, expected a secret; ` +
        'run: pulumi config set --secret connectWriteToken, or set OP_CONNECT_TOKEN',
      ...(source.values['cloudflare'] === undefined
        ? []
        : [
            `Pulumi.${stack}.yaml cloudflareApiToken: found nothing, expected a secret; ` +
              'run: pulumi config set --secret cloudflareApiToken, or set CLOUDFLARE_API_TOKEN',
          ]),
    ]);
    expect(readFileSync(join(root, `Pulumi.${stack}.yaml`), 'utf8')).not.toMatch(/secure:|token: \S/i);
  });

  test('recognize secrets by their form', () => {
    const source = stackConfigSource('Pulumi.east.yaml', 'k8s-gitops', {
      'k8s-gitops:connectToken': { secure: 'v1:x' },
      'k8s-gitops:applyMode': 'auto',
      'pulumi:tags': {},
    });
    expect(source.secretKeys).toEqual(new Set(['connectToken']));
    expect(Object.keys(source.values)).toEqual(['connectToken', 'applyMode']);
  });

  test('keep the prefix of other projects', () => {
    expect(stackKey('k8s-gitops:nodes', 'k8s-gitops')).toBe('nodes');
    expect(stackKey('kubernetes:context', 'k8s-gitops')).toBe('kubernetes:context');
    expect(stackKey('pulumi:tags', 'k8s-gitops')).toBeUndefined();
  });
});

test('key paths', () => {
  expect(keyPath(['nodes', 0, 'address'])).toBe('nodes[0].address');
  expect(keyPath([])).toBe('');
});
