import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { reportsVersion } from '../../tools/findTool';
import { sourceModules, tools, type ToolSpec } from '../../tools/manifest';
import { toolKey } from '../../tools/toolKey';

const root = join(__dirname, '..', '..');
const specs = Object.entries(tools) as [string, ToolSpec][];

describe('the tools manifest', () => {
  test.each(specs)('%s is pinned in its go.mod, with checksums next to it', (_name, spec) => {
    const folder = join(root, 'tools', spec.module);
    const mod = readFileSync(join(folder, 'go.mod'), 'utf8');
    expect(existsSync(join(folder, 'go.sum'))).toBe(true);
    // Our own programs are in the repository and need no pin.
    if (spec.standIn || spec.own) return;
    const pins = mod
      .split('\n')
      .map((line) => line.trim().split(' '))
      .filter(([path, version]) => version === spec.version && path && `${spec.package}/`.startsWith(`${path}/`));
    expect(pins).not.toEqual([]);
  });

  test('the Pulumi CLI, the SDK and mise agree on one tested pair', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const mise = readFileSync(join(root, '.mise.toml'), 'utf8');
    expect(dependencies['@pulumi/pulumi']).toBe(tools.pulumi.version.slice(1));
    expect(mise).toContain(`pulumi = "${tools.pulumi.version.slice(1)}"`);
    expect(mise).toContain(`helm = "${tools.helm.version.slice(1)}"`);
  });

  test('the controllers are those of every cluster’s Flux version', () => {
    // From flux-operator's data/flux/v2.7.3. After a Flux upgrade, verify adoption again.
    const shipped: Record<string, Record<string, string>> = {
      '2.7.3': { 'source-controller': 'v1.7.3', 'kustomize-controller': 'v1.7.2', 'helm-controller': 'v1.4.3' },
    };
    for (const cluster of ['infra', 'apps']) {
      const settings = parse(
        readFileSync(join(root, 'kubernetes', 'clusters', cluster, 'cluster-settings.yaml'), 'utf8'),
      ) as { data: Record<string, string> };
      expect(shipped[settings.data.FLUX_VERSION ?? '']).toEqual({
        'source-controller': tools['source-controller'].version,
        'kustomize-controller': tools['kustomize-controller'].version,
        'helm-controller': tools['helm-controller'].version,
      });
    }
  });

  test('source modules have an exact version and a checksum', () => {
    for (const [path, pin] of Object.entries(sourceModules)) {
      expect([path, pin.version]).toEqual([path, expect.stringMatching(/^v\d+\.\d+\.\d+$/)]);
      expect(pin.sum).toMatch(/^h1:.{43}=$/);
    }
  });
});

test.each([
  ['v3.22.0+g144ca65', 'v3.22.0', true],
  ['v3.22.01', 'v3.22.0', false],
  ['13.22.0', 'v3.22.0', false],
  ['Kubernetes v1.34.1', 'v1.34.1', true],
  ['Client Version: v1.34.10', 'v1.34.1', false],
  ['etcd Version: 3.6.5\nGit SHA: x', 'v3.6.5', true],
  ['v3.248.0-alpha.1', 'v3.248.0', false],
])('reportsVersion(%j, %s) is %s', (text, version, expected) => {
  expect(reportsVersion(text, version)).toBe(expected);
});

test('a tool key changes with its manifest entry and not over time', () => {
  const folder = join(root, 'tools');
  expect(toolKey(tools.etcd, folder)).toBe(toolKey(tools.etcd, folder));
  expect(toolKey(tools.etcd, folder)).not.toBe(toolKey({ ...tools.etcd, version: 'v9.9.9' }, folder));
});
