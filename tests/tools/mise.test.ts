import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { minVersion, satisfies, SemVer } from 'semver';
import { listStacks } from '../../cluster/stackFile';
import { tools } from '../../tools/manifest';

const root = join(__dirname, '..', '..');
const text = (file: string): string => readFileSync(join(root, file), 'utf8');
const pinned = Object.fromEntries(
  [...text('.mise.toml').matchAll(/^([\w-]+) = "(.+)"$/gm)].map(([, name = '', version = '']) => [name, version]),
);
const packageJson = JSON.parse(text('package.json')) as {
  engines: { node: string };
  dependencies: Record<string, string>;
};

test('the tools that the program runs have the versions that it is tested with', () => {
  expect(`v${pinned.pulumi}`).toBe(tools.pulumi.version);
  expect(pinned.pulumi).toBe(packageJson.dependencies['@pulumi/pulumi']);
  expect(`v${pinned.helm}`).toBe(tools.helm.version);
  expect(satisfies(`${pinned.node}.99.0`, packageJson.engines.node)).toBe(true);
  expect(text('tools/flux-render/go.mod')).toContain(`\ngo ${pinned.go}`);
});

/** A client may be one minor version older or newer than what it talks to. */
const clients = [
  ['kubectl', 'KUBERNETES_VERSION'],
  ['talosctl', 'TALOS_VERSION'],
  ['flux2', 'FLUX_VERSION'],
] as const;

test.each(clients)('%s fits %s of every cluster', (tool, setting) => {
  const client = new SemVer(pinned[tool] ?? '');
  const versions = listStacks(root).map((cluster) => {
    const settings = text(`kubernetes/clusters/${cluster}/cluster-settings.yaml`);
    return new RegExp(`^  ${setting}: "?v?([\\d.]+)`, 'm').exec(settings)?.[1] ?? '';
  });
  expect(versions.length).toBeGreaterThan(0);
  const distances = versions.map((version) => {
    const server = minVersion(version) ?? client;
    return server.major === client.major ? Math.abs(server.minor - client.minor) : Infinity;
  });
  expect(distances.filter((distance) => distance > 1)).toEqual([]);
});
