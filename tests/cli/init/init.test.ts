import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseDocument } from 'yaml';
import { init, type InitDevices } from '../../../cli/init';
import { evaluateStacks } from '../../../stacks/evaluateStack';
import { Fork } from './repository';
import { scriptedPrompter } from './scriptedPrompter';

const repository = join(__dirname, '..', '..', '..');
const examples = join(repository, 'docs', 'examples');
const fixtures = join(__dirname, '..', '..', 'fixtures', 'init');
const devices: InitDevices = { inspect: async () => ({ state: 'unreachable', why: 'ECONNREFUSED' }) };

let fork: Fork;
let out = '';
let err = '';

beforeEach(() => {
  fork = new Fork();
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((out += String(text))));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((err += String(text))));
});
afterEach(() => {
  jest.restoreAllMocks();
  fork.remove();
});

async function run(args: readonly string[], own = devices): Promise<number> {
  [out, err] = ['', ''];
  return init([...args, '--root', fork.root], repository, own);
}

/** Runs init with an example, in which texts are replaced. */
async function answer(example: string, changes: Record<string, string> = {}, ...more: string[]): Promise<number> {
  let text = readFileSync(join(examples, example), 'utf8');
  for (const [from, to] of Object.entries(changes)) {
    if (!text.includes(from)) throw new Error(`${example} has no ${from}`);
    text = text.replace(from, to);
  }
  fork.write('site.yaml', text);
  return run(['--answers', join(fork.root, 'site.yaml'), ...more]);
}

/** The lines that differ between two texts, those of the first with a minus. */
function changed(before: string, after: string): string[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  return [
    ...old.filter((line) => !now.includes(line)).map((line) => `-${line}`),
    ...now.filter((line) => !old.includes(line)).map((line) => `+${line}`),
  ];
}

const exampleFiles = readdirSync(examples).sort();

test.each(exampleFiles)('writes exactly what docs/examples/%s asks for, once', async (example) => {
  expect(await answer(example)).toBe(0);
  const written = { ...fork.clusterFiles(), 'output.txt': out };
  const folder = join(fixtures, basename(example, '.yaml'));
  for (const [file, text] of Object.entries(written)) {
    const path = join(folder, `${file.replaceAll('/', '__')}`);
    if (process.env.UPDATE_INIT !== undefined) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    }
    expect(existsSync(path) ? readFileSync(path, 'utf8') : `no ${path}; run with UPDATE_INIT=1`).toBe(text);
  }
  expect(readdirSync(folder).sort()).toEqual(
    Object.keys(written)
      .map((file) => file.replaceAll('/', '__'))
      .sort(),
  );
  const refused = evaluateStacks(fork.root).flatMap(({ problems, manifestProblems }) => [
    ...problems,
    ...manifestProblems,
  ]);
  expect(refused).toEqual([]);

  expect(await answer(example)).toBe(0);
  expect(out.split('\n')[0]).toBe('Nothing to write: the files say what the answers say.');
  const { 'output.txt': _, ...files } = written;
  expect(fork.clusterFiles()).toEqual(files);
});

test('a changed answer changes only its lines; comments and keys by hand stay', async () => {
  await answer('one-node.yaml');
  const settings = 'kubernetes/clusters/home/cluster-settings.yaml';
  const byHand = fork
    .read(settings)
    .replace('  CLUSTER: home', '  CLUSTER: home # the only one')
    .replace(/TALOS_VERSION: .*/, 'TALOS_VERSION: v1.11.5');
  fork.write(settings, byHand);
  const stack = fork
    .read('Pulumi.home.yaml')
    .replace('installDisk', 'nodeLabels: { rack: one } # mine\n    installDisk');
  fork.write('Pulumi.home.yaml', stack);
  await answer('one-node.yaml', {
    'name: k8s.home.example': 'name: api.home.example',
    '/dev/nvme0n1': '/dev/sda',
    'url: https://git.home.example/me/home-ops.git': 'url: https://git.home.example/me/home.git',
  });
  expect(out.split('\n').slice(0, 3)).toEqual([`changed  ${settings}`, 'changed  Pulumi.home.yaml', '']);
  expect(changed(byHand, fork.read(settings))).toEqual([
    '-  K8S_API_HOST: k8s.home.example',
    '-  GIT_URL: https://git.home.example/me/home-ops.git',
    '+  K8S_API_HOST: api.home.example',
    '+  GIT_URL: https://git.home.example/me/home.git',
  ]);
  expect(changed(stack, fork.read('Pulumi.home.yaml'))).toEqual([
    '-    installDisk: /dev/nvme0n1',
    '+    installDisk: /dev/sda',
  ]);
});

test('a system comes and goes with its settings', async () => {
  await answer('one-node.yaml');
  const before = fork.clusterFiles();
  await answer('one-node.yaml', { 'openebs, snapshot-controller': 'openebs, snapshot-controller, admission-policies' });
  expect(out.split('\n').slice(0, 3)).toEqual([
    'changed  kubernetes/clusters/home/kustomization.yaml',
    'changed  kubernetes/clusters/home/cluster-settings.yaml',
    '',
  ]);
  const settings = 'kubernetes/clusters/home/cluster-settings.yaml';
  expect(changed(before[settings] ?? '', fork.read(settings))).toEqual([
    '+  # What admission policies do with a violation: Audit or Deny.',
    '+  ADMISSION_ACTION: Audit',
  ]);
  await answer('one-node.yaml');
  expect(fork.clusterFiles()).toEqual(before);
});

test('deletes nothing that the answers do not name', async () => {
  const foreign = { 'Pulumi.infra.yaml': fork.read('Pulumi.infra.yaml') };
  await answer('one-node.yaml', { 'remove: [infra, apps]': 'remove: []' });
  expect(out).not.toContain('removed');
  expect(fork.has('kubernetes/clusters/infra/kustomization.yaml')).toBe(true);
  expect(fork.read('Pulumi.infra.yaml')).toBe(foreign['Pulumi.infra.yaml']);
});

test('refuses all answers together that the program would refuse, at the answers, and writes nothing', async () => {
  const before = fork.clusterFiles();
  const changes = {
    '192.168.1.11': '192.168.2.11',
    'nodes: 192.168.1.0/24': 'nodes: 192.168.1.0/24\n      pods: 192.168.0.0/16',
  };
  expect(await answer('one-node.yaml', changes)).toBe(1);
  expect(out).toBe('');
  expect(err).toBe(`init: ${join(fork.root, 'site.yaml')}: 2 problems; nothing was written
  - site.yaml:11 clusters[0].nodes[0].address: found "192.168.2.11", expected a host address in NODE_CIDR 192.168.1.0/24; correct it, or kubernetes/clusters/home/cluster-settings.yaml:20 NODE_CIDR
  - site.yaml:15 clusters[0].network.pods: found "192.168.0.0/16", expected a range that does not overlap NODE_CIDR 192.168.1.0/24; change one of them
`);
  expect(fork.clusterFiles()).toEqual(before);
});

test('names what a wanted system needs, and who needs it', async () => {
  const systems = 'external-dns-rfc2136, gateway-external, certificate-issuer-http01';
  expect(await answer('one-node.yaml', { 'openebs, snapshot-controller': systems })).toBe(1);
  const lines = err
    .split('\n')
    .map((line) => /^ {2}- (\S+ \S+): found nothing, .*; (\S+) uses it /.exec(line)?.slice(1));
  expect(lines.filter(Boolean)).toEqual([
    ['site.yaml:9 clusters[0].loadBalancer.from', 'load-balancer'],
    ['site.yaml:9 clusters[0].loadBalancer.to', 'load-balancer'],
    ['site.yaml:9 clusters[0].loadBalancer.external', 'gateway-external'],
    ['site.yaml:3 domain', 'gateway-external'],
    ['site.yaml:3 privateDomain', 'external-dns-rfc2136'],
    ['site.yaml:9 clusters[0].settings.BIND_HOST', 'external-dns-rfc2136'],
    ['site.yaml:3 email', 'certificate-issuer'],
  ]);
});

test('refuses a setting for all clusters that none of them uses', async () => {
  expect(await answer('one-node.yaml', { 'clusters:': "settings: { VOLSYNC_S3_PORT: '9000' }\nclusters:" })).toBe(1);
  expect(err).toBe(`init: ${join(fork.root, 'site.yaml')}: 1 problem; nothing was written
  - site.yaml:8 settings.VOLSYNC_S3_PORT: found "9000", expected a setting that a listed system of some cluster uses; remove it, or list the system
`);
});

test('only says what would change with --dry-run', async () => {
  const before = fork.clusterFiles();
  expect(await answer('one-node.yaml', {}, '--dry-run')).toBe(0);
  expect(out).toContain('new      Pulumi.home.yaml\n');
  expect(fork.clusterFiles()).toEqual(before);
});

test('asks people, saves their answers without secrets, and a run with these writes nothing more', async () => {
  const saved = join(fork.root, 'site.yaml');
  const prompter = scriptedPrompter([
    ['Git repository that Flux follows', 'https://git.home.example/me/home-ops.git'],
    ['Branch', true],
    ['Public domain (may be empty)', ''],
    ['Domain of internal names (may be empty)', ''],
    ['URL of 1Password Connect', 'https://connect.home.example'],
    ['1Password vault', 'homelab'],
    ['Name of the cluster', 'home'],
    ['Subnet of the machines', '192.168.1.0/24'],
    ['How do the machines get their addresses?', 'DHCP, reserved in the router'],
    ['Name servers (may be empty)', ''],
    ['Time servers (may be empty)', ''],
    ['DNS name of the Kubernetes API', 'k8s.home.example'],
    ['Virtual IP for it (may be empty)', ''],
    ['Name of the machine', 'home-01'],
    ['Role of home-01', 'control plane'],
    ['Address of home-01', '192.168.1.11'],
    ['Look at home-01 now? It must be in maintenance mode.', false],
    ['Disk to install Talos on (it is wiped)', '/dev/nvme0n1'],
    ['Another machine?', false],
    ['Which systems, besides the core?', ['rook-ceph']],
    ['Which one for certificate-issuer?', 'none'],
    ['Which one for dragonfly?', 'none'],
    ['Which one for gateway-external?', 'none'],
    ['Which one for metrics-store?', 'none'],
    ['Which one for postgres?', 'none'],
    ['Which one for schema-registry?', 'none'],
    ['Another cluster?', false],
    ['Delete cluster infra of this repository: its stack file and its folder?', true],
    [
      'home: the disks that Ceph takes, as a regular expression for their names (rook-ceph-cluster uses it)',
      '^sd[b-z]$',
    ],
    ['File to save the answers in, for --answers (may be empty)', saved],
    [
      `new      kubernetes/clusters/home/kustomization.yaml
new      kubernetes/clusters/home/cluster-settings.yaml
new      Pulumi.home.yaml
removed  Pulumi.infra.yaml
removed  stacks/infra.ts
removed  kubernetes/clusters/infra
Write this?`,
      true,
    ],
  ]);
  const code = await run([], { ...devices, prompter: async () => prompter });
  expect([err, code, prompter.left()]).toEqual(['', 0, []]);
  expect(parseDocument(readFileSync(saved, 'utf8')).toJS()).toMatchObject({
    clusters: [{ name: 'home', settings: { ROOK_CEPH_DEVICE_FILTER: '^sd[b-z]$' } }],
    remove: ['infra'],
  });
  const before = fork.clusterFiles();
  expect(await run(['--answers', saved])).toBe(0);
  expect(out.split('\n')[0]).toBe('Nothing to write: the files say what the answers say.');
  expect(fork.clusterFiles()).toEqual(before);
});

test('does not ask where no one can answer; shows examples; looks at machines', async () => {
  expect(await run([])).toBe(1);
  expect(err).toBe('init: there is no terminal to ask on; pass --answers <file> (docs/init.md)\n');
  expect(await run(['--help'])).toBe(0);
  expect(out).toContain('npm run init -- --answers site.yaml --dry-run');
  expect(await run(['--inspect', '192.168.1.11', '192.168.1.12'])).toBe(0);
  expect(out).toBe(
    '192.168.1.11: Talos does not respond: ECONNREFUSED\n192.168.1.12: Talos does not respond: ECONNREFUSED\n',
  );
});
