import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { programRooms } from './rooms';
import { listStacks } from '../../cluster/stackFile';
import { tools } from '../../tools/manifest';
import { root, setup, steps, workflows } from './workflow';

const all = [...workflows.map(({ file, text }) => [file, text] as const), ['setup', setup.text] as const];

test('the workflows are those of docs/pull-requests.md', () => {
  expect(workflows.map(({ file }) => file)).toEqual(['ci', 'drift', 'lab', 'preview', 'up', 'validate']);
});

test.each(all)('%s: every action is pinned by its commit, with its version in a comment', (_file, text) => {
  const uses = text.split('\n').filter((line) => /^\s*(- )?uses:/.test(line));
  const unpinned = uses.filter(
    (line) => !/uses: [\w.-]+\/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line) && !/uses: \.\/\.github\//.test(line),
  );
  expect(unpinned).toEqual([]);
});

test('an action has one commit everywhere', () => {
  const pins = steps.flatMap(({ uses }) => (uses?.includes('@') ? [uses] : []));
  const actions = new Set(pins.map((pin) => pin.split('@')[0]));
  expect([...actions].sort()).toEqual([
    'actions/cache',
    'actions/checkout',
    'actions/download-artifact',
    'actions/setup-go',
    'actions/setup-node',
    'actions/upload-artifact',
    'pulumi/actions',
  ]);
  expect(new Set(pins).size).toBe(actions.size);
});

test.each(workflows.map((workflow) => [workflow.file, workflow] as const))(
  '%s: no permission by default, and each job names what it needs',
  (_file, { permissions, jobs }) => {
    expect(permissions).toEqual({});
    const writes = Object.entries(jobs).flatMap(([name, job]) =>
      Object.entries(job.permissions ?? { all: 'write' }).flatMap(([scope, access]) =>
        access === 'write' ? [`${name}: ${scope}`] : [],
      ),
    );
    const allowed = ['comment: pull-requests', 'issues: issues'];
    expect(writes.filter((write) => !allowed.includes(write))).toEqual([]);
    expect(Object.values(jobs).filter((job) => job['timeout-minutes'] === undefined)).toEqual([]);
  },
);

test('no checkout keeps the token', () => {
  const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
  expect(checkouts.filter(({ with: inputs }) => String(inputs?.['persist-credentials']) !== 'false')).toEqual([]);
});

test('no event hands secrets to the code of a fork', () => {
  const events = new Set(workflows.flatMap(({ on }) => Object.keys(on)));
  expect([...events].sort()).toEqual(['pull_request', 'push', 'schedule', 'workflow_dispatch']);
});

test('in a pull request, secrets and write access are for branches of this repository only', () => {
  const own = 'github.event.pull_request.head.repo.full_name == github.repository';
  const preview = workflows.find(({ file }) => file === 'preview');
  const jobs = Object.entries(preview?.jobs ?? {});
  const guarded = (name: string): boolean => {
    const job = preview?.jobs[name];
    return (job?.if ?? '').includes(own) || [job?.needs ?? []].flat().some((need) => need === 'stacks');
  };
  const sensitive = jobs.filter(([, job]) => /secrets\.|github\.token|write/.test(JSON.stringify(job)));
  expect(sensitive.map(([name]) => name)).toEqual(['pulumi', 'comment']);
  expect(sensitive.map(([name]) => guarded(name))).toEqual([true, true]);
  const withSecrets = workflows.filter(({ on, text }) => 'pull_request' in on && text.includes('secrets.'));
  expect(withSecrets.map(({ file }) => file)).toEqual(['preview']);
});

test('what runs with write access in a pull request is the code of the target branch', () => {
  const comment = workflows.find(({ file }) => file === 'preview')?.jobs['comment'];
  expect(comment?.steps[0]?.with?.['ref']).toBe('${{ github.event.pull_request.base.sha }}');
});

test('no expression is put into a script: a title or a branch could be code', () => {
  expect(steps.filter(({ run }) => run?.includes('${{'))).toEqual([]);
});

test('a running update is never cancelled, and stacks are updated one run at a time', () => {
  const up = workflows.find(({ file }) => file === 'up');
  expect(up?.concurrency).toBeUndefined();
  expect(up?.jobs['up']?.concurrency).toEqual({ group: 'up-${{ matrix.stack }}', 'cancel-in-progress': false });
  expect(up?.jobs['up']?.environment).toBe('${{ matrix.stack }}');
});

test('the other workflows run once at a time', () => {
  const without = workflows.filter(({ concurrency }) => concurrency === undefined).map(({ file }) => file);
  expect(without).toEqual(['up']);
});

test('no cluster is named', () => {
  const stacks = listStacks(root);
  const named = all.filter(([, text]) => stacks.some((stack) => new RegExp(`\\b${stack}\\b`).test(text)));
  expect(named.map(([file]) => file)).toEqual([]);
});

test('up starts after a change of anything that the program is made of', () => {
  const paths = workflows.find(({ file }) => file === 'up')?.on['push']?.paths ?? [];
  const folders = paths.filter((path) => path.endsWith('/**')).map((path) => path.slice(0, -3));
  expect(folders.sort()).toEqual([...programRooms(), 'bin', 'kubernetes/clusters'].sort());
  expect(paths.filter((path) => /[{},]/.test(path))).toEqual([]);
});

test('the versions of the setup are the ones of .mise.toml and of the manifest of tools', () => {
  const given = Object.assign({}, ...steps.map((step) => step.with ?? {})) as Record<string, string>;
  const mise = readFileSync(join(root, '.mise.toml'), 'utf8');
  expect(mise).toContain(`node = "${given['node-version']}"`);
  expect(mise).toContain(`go = "${given['go-version']}"`);
  expect(`v${given['pulumi-version']}`).toBe(tools.pulumi.version);
});

test('variables are known to actionlint', () => {
  const { 'config-variables': known } = parse(readFileSync(join(root, '.github', 'actionlint.yaml'), 'utf8')) as {
    'config-variables': string[];
  };
  const used = all.flatMap(([, text]) => [...text.matchAll(/\bvars\.(\w+)/g)].map((match) => match[1] ?? ''));
  expect([...new Set(used)].sort()).toEqual(known);
});

test('there is one composite action', () => {
  expect(readdirSync(join(root, '.github', 'actions'))).toEqual(['setup']);
});
