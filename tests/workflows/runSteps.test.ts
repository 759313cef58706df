import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { issueMarker } from '../../cli/github/driftIssues';
import { commentMarker } from '../../cli/github/stickyComment';
import { listStacks } from '../../cluster/stackFile';
import { isPresent } from '../../tools/toolchain';
import { FakeGitHub } from '../clients/support/fakeGitHub';
import { type Ran, ScratchRunner } from './runner';
import { labelOf, type PlacedStep, root, steps } from './workflow';

// Runs the scripts of the workflows in a scratch checkout, as far as they need neither GitHub nor machines.

const scripts = steps.filter(({ run }) => run !== undefined);
const stacks = listStacks(root);
const [stack = ''] = stacks;

/** Steps that are not run here, and why. */
const notRun: Record<string, string> = {
  'ci/all: bash .ci/run': 'it runs this test, and the lab',
  'lab/campaigns: npm run -s test:lab': 'hours',
  'lab/official: npm run -s lab -- up --once --json --plugins official': 'needs the official plugins, and minutes',
  'preview/pulumi: pulumi preview': 'needs a state and machines; its flags are checked against the CLI',
  'up/up: pulumi up': 'needs a state and machines; its flags are checked against the CLI',
  'setup: npm ci --no-progress': 'downloads; .ci/run does the same',
};
const ran = new Set<string>();

let runner: ScratchRunner;
let fake: FakeGitHub;

beforeAll(() => {
  runner = new ScratchRunner((folder) => {
    const file = join(folder, 'kubernetes', 'clusters', stack, 'cluster-settings.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/CILIUM_VERSION: .*/, 'CILIUM_VERSION: 9.8.7'));
  });
}, 600_000);
beforeEach(async () => {
  fake = new FakeGitHub();
  await fake.start();
});
afterEach(() => fake.stop());
afterAll(() => runner.remove());

function step(label: string): PlacedStep {
  const found = scripts.find((candidate) => labelOf(candidate) === label);
  if (found === undefined) throw new Error(`there is no step ${label}; there are:\n${scripts.map(labelOf).join('\n')}`);
  ran.add(label);
  return found;
}

/** Runs the step of that label; `edit` is for what a step must not do here. */
function run(
  label: string,
  options: Parameters<ScratchRunner['run']>[2] = {},
  edit = (text: string) => text,
): Promise<Ran> {
  const found = step(label);
  return runner.run({ ...found, run: edit(found.run ?? '') }, found.job ?? {}, options);
}

const values = {
  'matrix.stack': stack,
  'github.token': '',
  'github.event.pull_request.number': '7',
  'github.event.pull_request.head.sha': 'abc1234',
  'vars.PULUMI_BACKEND_URL': '',
  'secrets.PULUMI_ACCESS_TOKEN': '',
  'secrets.PULUMI_CONFIG_PASSPHRASE': '',
  'secrets.AWS_ACCESS_KEY_ID': '',
  'secrets.AWS_SECRET_ACCESS_KEY': '',
};

test('every npm script of a step exists and knows the flags', () => {
  const commands = scripts.flatMap(({ run = '' }) =>
    [...run.matchAll(/npm run -s ([\w:]+)(?: -- ([^|>)\n]*(?:\n {2,}[^|>)\n]*)*))?/g)].map(
      ([, script = '', text = '']) => ({
        script,
        flags: [...text.matchAll(/(?<=^|\s)--[a-z-]+/g)].map(([flag]) => flag),
        // `lab -- up` and `github -- comment` have options of their own.
        subcommand: ['lab', 'github'].includes(script) ? [text.split(' ')[0] ?? ''] : [],
      }),
    ),
  );
  const { scripts: known } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  expect([...new Set(commands.map(({ script }) => script))].sort()).toEqual([
    'drift',
    'github',
    'lab',
    'plan',
    'test:lab',
    'tools',
    'validate',
  ]);
  expect(commands.filter(({ script }) => !(script in known))).toEqual([]);
  const helps = new Map<string, string>();
  const unknown = commands.flatMap(({ script, flags, subcommand }) => {
    if (flags.length === 0) return [];
    // Without npm, which takes longer than the command.
    const command = [...(known[script] ?? '').split(' '), ...subcommand, '--help'];
    const key = command.join(' ');
    const help = helps.get(key) ?? execFileSync(process.execPath, command.slice(1), { cwd: root, encoding: 'utf8' });
    helps.set(key, help);
    return flags.filter((flag) => !new RegExp(`(^|\\s)${flag}\\b`, 'm').test(help)).map((flag) => `${script}: ${flag}`);
  });
  expect(unknown).toEqual([]);
}, 600_000);

const pulumiSteps = scripts.filter(({ run }) => run?.startsWith('pulumi '));
(isPresent('pulumi') ? test : test.skip)('the Pulumi CLI knows the flags', async () => {
  const { ensureTools } = await import('../../tools/toolchain');
  const { pulumi } = await ensureTools(['pulumi'], () => undefined);
  expect(pulumiSteps.map(labelOf)).toEqual(['preview/pulumi: pulumi preview', 'up/up: pulumi up']);
  const unknown = pulumiSteps.flatMap(({ run = '' }) => {
    const help = execFileSync(pulumi, [run.split(' ')[1] ?? '', '--help'], { encoding: 'utf8' });
    return [...run.matchAll(/(?<=\s)--[a-z-]+/g)].flatMap(([flag]) => (help.includes(`${flag} `) ? [] : [flag]));
  });
  expect(unknown).toEqual([]);
});

test.each(['preview/stacks', 'drift/stacks', 'up/stacks'])('%s: the matrix are the stacks', async (where) => {
  const label = scripts.map(labelOf).find((candidate) => candidate.startsWith(`${where}: `)) ?? '';
  const all = await run(label, { values: { 'inputs.stack': '' } });
  expect([all, runner.taken('GITHUB_OUTPUT')]).toEqual([{ code: 0, output: '' }, `stacks=${JSON.stringify(stacks)}\n`]);
  if (where !== 'up/stacks') return;
  await run(label, { values: { 'inputs.stack': stack } });
  expect(runner.taken('GITHUB_OUTPUT')).toBe(`stacks=["${stack}"]\n`);
  // A name that a person mistypes must not run anything.
  const mistyped = await run(label, { values: { 'inputs.stack': 'x"; touch x; "' } });
  expect(mistyped.output).toContain('there is no such stack');
  expect(runner.taken('GITHUB_OUTPUT')).toBe('stacks=\n');
});

test('validate: annotations of the whole tree', async () => {
  const { code, output } = await run('validate/validate: Everything in Git, as annotations');
  expect(output).toMatch(/\d+ findings.*; \d+ objects in \d+ Kustomizations/);
  expect(code).toBe(0);
}, 600_000);

test('preview: both halves, their summary, and one comment', async () => {
  expect((await run('preview/review: mkdir parts')).code).toBe(0);
  const plan = await run('preview/review: What pulumi up would do');
  expect(plan).toEqual({ code: 0, output: expect.any(String) as string });
  // Charts are downloaded, for which a test has no network.
  const review = await run('preview/review: What Flux would do', {}, (text) => text.replace(' --charts', ''));
  expect(review).toEqual({ code: 0, output: expect.any(String) as string });
  expect((await run('preview/review: Both as the summary of this run')).code).toBe(0);
  const summary = runner.taken('GITHUB_STEP_SUMMARY');
  expect(summary).toBe(runner.read('parts/plan.md') + runner.read('parts/review.md'));
  expect(runner.read('parts/plan.md')).toContain('9.8.7');
  expect(runner.read('parts/review.md')).toContain('9.8.7');

  expect((await run('preview/pulumi: mkdir previews', { values })).code).toBe(0);
  writeFileSync(join(runner.folder, 'previews', `${stack}.txt`), 'Resources:\n    1 unchanged\n');
  expect((await run('preview/pulumi: What it printed', { values })).output).toBe('Resources:\n    1 unchanged\n');
  fake.issues = [{ number: 7, title: 'x', body: '', state: 'open', login: 'someone', isPullRequest: true }];
  const comment = (): Promise<Ran> =>
    run('preview/comment: The comment', { values: { ...values, 'github.token': fake.token }, extra: fake.env });
  expect(await comment()).toEqual({ code: 0, output: 'comment on #7: added\n' });
  expect(await comment()).toEqual({ code: 0, output: 'comment on #7: unchanged\n' });
  const [{ body } = { body: '' }] = fake.comments;
  expect(body.startsWith(commentMarker)).toBe(true);
  for (const text of ['## What pulumi up would do', '## What Flux would do', '9.8.7', '1 unchanged', 'abc1234']) {
    expect(body).toContain(text);
  }
  expect(body).not.toContain('Not available');
}, 1_200_000);

test('drift: 0 and 2 pass, anything else fails; the report is kept in every case', async () => {
  expect((await run('drift/drift: mkdir -p "reports/$STACK"', { values })).code).toBe(0);
  const npm = runner.stub('npm', 'echo "report of $*"; exit "$WANTED"');
  const ended: (number | null)[] = [];
  for (const wanted of ['0', '1', '2', '143']) {
    const extra = { WANTED: wanted };
    ended.push((await run('drift/drift: npm run drift', { values, extra, path: [npm] })).code);
    expect(runner.read(`reports/${stack}/exit-code`)).toBe(`${wanted}\n`);
    expect(runner.taken('GITHUB_STEP_SUMMARY')).toBe(`report of run -s drift -- --stack ${stack} --markdown\n`);
  }
  expect(ended).toEqual([0, 1, 0, 1]);
});

test('drift: one issue for each stack', async () => {
  rmSync(join(runner.folder, 'reports'), { recursive: true, force: true });
  const issues = (): Promise<Ran> =>
    run('drift/issues: One issue for each stack', { values: { 'github.token': fake.token }, extra: fake.env });
  expect((await issues()).code).toBe(0);
  expect(fake.issues.map(({ body }) => body.split('\n')[0])).toEqual(stacks.map(issueMarker));
});

test('up: the renderer is there before up validates', async () => {
  const { code, output } = await run('up/up: The renderer, so that up validates first', { values });
  expect(output).toContain('flux-render\t/');
  expect(code).toBe(0);
});

(isPresent('helm') ? test : test.skip)('setup: Helm is on the PATH of later steps', async () => {
  const { code } = await run('setup: npm run -s tools -- helm | cut -f 2 | xargs dirname >> "$GITHUB_PATH"');
  expect(code).toBe(0);
  expect(runner.taken('GITHUB_PATH')).toMatch(/^\/.*\n$/);
});

afterAll(() => {
  // Steps that need a tool which this machine may lack.
  const optional = ['setup: npm run -s tools -- helm | cut -f 2 | xargs dirname >> "$GITHUB_PATH"'];
  const missing = scripts
    .map(labelOf)
    .filter((label) => !ran.has(label) && !(label in notRun) && !optional.includes(label));
  if (missing.length > 0) throw new Error(`steps that are neither run nor listed:\n${missing.join('\n')}`);
});

test('what is listed as not run exists', () => {
  const labels = scripts.map(labelOf);
  expect(Object.keys(notRun).filter((label) => !labels.includes(label))).toEqual([]);
});
