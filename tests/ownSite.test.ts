import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

// What the README invites people to do: describe their own hardware. On such a copy, everything that looks at this
// repository's own stacks and manifests must pass; tests that hold exact values use fixtures.
const root = join(__dirname, '..');
const copy = realpathSync(mkdtempSync(join(tmpdir(), 'k8s-gitops-site-')));
const ownTree = [
  'tests/stacks/',
  'tests/gitops/render/clusters',
  'tests/cluster/stackConfig',
  'tests/secretsDoc',
  'tests/docs',
];

function edit(file: string, pattern: RegExp, replacement: string): void {
  const path = join(copy, file);
  const before = readFileSync(path, 'utf8');
  const after = before.replace(pattern, replacement);
  if (after === before) throw new Error(`${file} has nothing that matches ${pattern}`);
  writeFileSync(path, after);
}

beforeAll(() => {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  for (const file of execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\0')) {
    if (file === '' || !existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    copyFileSync(join(root, file), join(copy, file));
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  edit('Pulumi.infra.yaml', /address: (\d+\.\d+\.\d+)\.\d+/, 'address: $1.61');
  edit('Pulumi.infra.yaml', /installDisk: .*/, 'installDisk: /dev/nvme1n1');
  edit(
    'kubernetes/clusters/infra/cluster-settings.yaml',
    /ROOK_CEPH_DEVICE_FILTER: .*/,
    'ROOK_CEPH_DEVICE_FILTER: ^sd[b-d]$',
  );
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('an adopter’s addresses, install disk and Ceph disks keep the tests of the own tree green', () => {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const args = [jest, ...ownTree, '--selectProjects', 'fast', '--runInBand', '--reporters', 'default'];
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: 'utf8' });
  expect([status, status === 0 ? '' : stderr]).toEqual([0, '']);
  expect(stderr).toMatch(/^Tests: +\d+ passed, \d+ total$/m);
}, 180_000);
