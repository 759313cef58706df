import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Checkout } from './lab/checkout';

// The README asks people to describe their own hardware. On a copy that does, everything that reads this repository's own
// stacks and manifests must pass; exact values are asserted on fixtures only.
const checkout = new Checkout('own-site');
const ownTree = ['tests/stacks/', 'tests/gitops/render/clusters', 'tests/cluster/stackConfig'];

function edit(file: string, pattern: RegExp, replacement: string): void {
  const path = join(checkout.root, file);
  const before = readFileSync(path, 'utf8');
  const after = before.replace(pattern, replacement);
  if (after === before) throw new Error(`${file} has nothing that matches ${pattern}`);
  writeFileSync(path, after);
}

/** Runs a Node program of the copy; its exit code and output. */
function run(...args: string[]): [code: number | null, output: string] {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: checkout.root, encoding: 'utf8' });
  return [status, stdout + stderr];
}

beforeAll(() => {
  edit('Pulumi.infra.yaml', /address: (\d+\.\d+\.\d+)\.\d+/, 'address: $1.61');
  edit('Pulumi.infra.yaml', /installDisk: .*/, 'installDisk: /dev/nvme9n1');
  const filter = 'ROOK_CEPH_DEVICE_FILTER: ^sd[b-d]$';
  edit('kubernetes/clusters/infra/cluster-settings.yaml', /ROOK_CEPH_DEVICE_FILTER: .*/, filter);
});

afterAll(() => checkout.remove());

test("the tests of this repository's own stacks pass with another address, install disk and Ceph filter", () => {
  const jest = join('node_modules', 'jest', 'bin', 'jest.js');
  const [code, output] = run(jest, ...ownTree, '--selectProjects', 'fast', '--runInBand', '--reporters', 'default');
  expect(output).toMatch(/^Tests: +\d+ passed, \d+ total$/m);
  expect(code).toBe(0);
}, 180_000);

test(
  'validate finds nothing with another address, install disk and Ceph filter',
  () => {
    const [code, output] = run('--require', 'tsx/cjs', 'cli/validate.ts', '--json');
    expect(JSON.parse(output.slice(output.indexOf('{')))).toMatchObject({ findings: [] });
    expect(code).toBe(0);
  },
  20 * 60_000,
);
