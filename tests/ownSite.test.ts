import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { listStacks, projectName } from '../cluster/stackFile';
import { Checkout } from './lab/checkout';

// The README asks people to describe their own hardware. On a copy that does, everything that reads this repository's own
// stacks and manifests must pass; exact values are asserted on fixtures only.
const checkout = new Checkout('own-site');
const [stack = ''] = listStacks(checkout.root);
const ownTree = ['tests/stacks/', 'tests/gitops/render/clusters', 'tests/cluster/stackConfig'];

/** Sets values of a YAML file of the copy. A value of undefined removes the key. */
function edit(file: string, values: [path: (string | number)[], value: unknown][]): void {
  const path = join(checkout.root, file);
  const document = parseDocument(readFileSync(path, 'utf8'));
  for (const [key, value] of values) {
    if (value === undefined) document.deleteIn(key);
    else document.setIn(key, value);
  }
  writeFileSync(path, document.toString({ lineWidth: 0 }));
}

/** Runs a Node program in the copy. */
function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, args, { cwd: checkout.root, encoding: 'utf8' });
}

beforeAll(() => {
  const stackFile = `Pulumi.${stack}.yaml`;
  const settingsFile = `kubernetes/clusters/${stack}/cluster-settings.yaml`;
  const [nodes, machines] = ['nodes', 'machines'].map((section) => [
    'config',
    `${projectName(checkout.root)}:${section}`,
  ]);
  const address = parseDocument(readFileSync(join(checkout.root, stackFile), 'utf8')).getIn([...nodes!, 0, 'address']);
  edit(stackFile, [
    [[...nodes!, 0, 'address'], String(address).replace(/\d+$/, '61')],
    [[...machines!, 'installDiskSelector'], undefined],
    [[...machines!, 'installDisk'], '/dev/nvme9n1'],
  ]);
  const withCeph = readFileSync(join(checkout.root, settingsFile), 'utf8').includes('ROOK_CEPH_DEVICE_FILTER:');
  if (withCeph) edit(settingsFile, [[['data', 'ROOK_CEPH_DEVICE_FILTER'], '^sd[b-d]$']]);
});

afterAll(() => checkout.remove());

test('with another address, install disk and Ceph filter, the tests of the own tree pass', () => {
  const jest = join('node_modules', 'jest', 'bin', 'jest.js');
  const tests = run(jest, ...ownTree, '--selectProjects', 'fast', '--runInBand', '--reporters', 'default');
  expect(tests.stdout + tests.stderr).toMatch(/^Tests: +\d+ passed, \d+ total$/m);
  expect(tests.status).toBe(0);
}, 180_000);

test(
  'with another address, install disk and Ceph filter, validate has no findings',
  () => {
    const { status, stdout, stderr } = run('bin/validate', '--json');
    if (stdout === '') throw new Error(stderr);
    expect(JSON.parse(stdout)).toMatchObject({ findings: [] });
    expect(status).toBe(0);
  },
  20 * 60_000,
);
