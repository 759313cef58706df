import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { github } from '../../../cli/github';
import { commentMarker } from '../../../cli/github/stickyComment';
import { issueChanges, issueMarker } from '../../../cli/github/driftIssues';
import { actionsBot, maxBody } from '../../../clients/github/issues';
import { FakeGitHub } from '../../clients/support/fakeGitHub';

const root = mkdtempSync(join(tmpdir(), 'k8s-gitops-github-'));
let fake: FakeGitHub;
let out = '';
let err = '';

function write(file: string, text: string): string {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

async function run(...args: string[]): Promise<number> {
  out = '';
  err = '';
  return github(args, root, fake.env);
}

beforeAll(() => {
  for (const stack of ['east', 'west']) write(`Pulumi.${stack}.yaml`, 'config: {}\n');
});
beforeEach(async () => {
  fake = new FakeGitHub();
  await fake.start();
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((out += String(text))));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((err += String(text))));
});
afterEach(async () => {
  jest.restoreAllMocks();
  await fake.stop();
});
afterAll(() => rmSync(root, { recursive: true }));

test('prints the stacks of the repository as a JSON list', async () => {
  expect(await run('stacks')).toBe(0);
  expect(out).toBe('["east","west"]\n');
  expect(await run('stacks', '--stack', 'west')).toBe(0);
  expect(out).toBe('["west"]\n');
  expect(await run('stacks', '--stack', 'north')).toBe(1);
  expect([out, err]).toEqual(['', 'github: --stack north: there is no such stack; use one of: east, west\n']);
});

describe('comment', () => {
  const args = (): string[] => [
    ...['comment', '--pull-request', '7', '--commit', 'abc1234'],
    ...['--part', `Plan=${write('plan.md', 'The plan.\n')}`],
    ...['--part', `Rendered review=${write('review.md', 'The review.\n')}`],
  ];
  beforeEach(() => {
    fake.issues = [{ number: 7, title: 'A change', body: '', state: 'open', login: 'someone', isPullRequest: true }];
  });

  test('is added once, then edited, and left alone if it would stay the same', async () => {
    expect(await run(...args())).toBe(0);
    expect(out).toBe('comment on #7: added\n');
    expect(fake.comments.map(({ body }) => body)).toEqual([
      `${commentMarker}\n\n## Plan\n\nThe plan.\n\n## Rendered review\n\nThe review.\n\n---\n` +
        'Of commit abc1234, by [this run](https://github.test/someone/platform/actions/runs/4711).',
    ]);
    expect(await run(...args())).toBe(0);
    expect(out).toBe('comment on #7: unchanged\n');
    write('plan.md', 'Another plan.\n');
    const again = ['comment', '--pull-request', '7', '--commit', 'abc1234', '--part', `Plan=${join(root, 'plan.md')}`];
    expect(await run(...again)).toBe(0);
    expect(out).toBe('comment on #7: changed\n');
    expect(fake.comments).toHaveLength(1);
    expect(fake.comments[0]?.body).toContain('## Plan\n\nAnother plan.');
  });

  test('says which part is not available, and folds what pulumi preview printed', async () => {
    const previews = dirname(write('previews/east.txt', 'Resources:\n    + 3 to create\n'));
    write('previews/west.txt', '');
    const missing = ['--part', `Plan=${join(root, 'missing.md')}`];
    expect(await run('comment', '--pull-request', '7', '--commit', 'abc', ...missing, '--previews', previews)).toBe(0);
    const body = fake.comments[0]?.body ?? '';
    expect(body).toContain('## Plan\n\nNot available: its step left nothing, see the run.');
    expect(body).toContain(
      '## pulumi preview\n\n<details><summary><code>east</code></summary>\n\n```\nResources:\n    + 3 to create\n```\n\n</details>\n\n`west`: Not available',
    );
  });

  test('of reports that are too long together stays within what GitHub takes', async () => {
    const parts = ['one', 'two'].flatMap((name) => [
      '--part',
      `${name}=${write(`${name}.md`, `<details><summary>x</summary>\n\n${'line\n'.repeat(20_000)}\n</details>`)}`,
    ]);
    expect(await run('comment', '--pull-request', '7', '--commit', 'abc', ...parts)).toBe(0);
    const { body = '' } = fake.comments[0] ?? {};
    expect(body.length).toBeLessThanOrEqual(maxBody);
    expect(body.length).toBeGreaterThan(maxBody - 100);
    expect(body.match(/<\/details>\n\n\*\*Cut\*\*/g)).toHaveLength(2);
  });

  test('does not take the comment of someone else for its own', async () => {
    fake.comments = [{ id: 1, issue: 7, body: `${commentMarker} not ours`, login: 'mallory' }];
    expect(await run(...args())).toBe(0);
    expect(fake.comments.map(({ login }) => login)).toEqual(['mallory', actionsBot]);
  });

  test('fails with what to do: without permission, without a job, with bad options', async () => {
    fake.permissions.pull_requests = 'read';
    expect(await run(...args())).toBe(1);
    expect(err).toMatch(/^github: GitHub: POST .*: 403 .*`permissions: pull-requests: write`/);
    err = '';
    expect(await github(args(), root, {})).toBe(1);
    expect(err).toMatch(/^github: GITHUB_TOKEN, GITHUB_REPOSITORY, GITHUB_RUN_ID: not set; /);
    expect(await run('comment', '--pull-request', 'seven', '--commit', 'abc')).toBe(1);
    expect(await run('comment', '--pull-request', '7', '--commit', 'abc', '--part', 'plan.md')).toBe(1);
    expect(err).toBe('github: --part plan.md: expected <title>=<file>\n');
    expect(fake.comments).toEqual([]);
  });
});

describe('drift-issues', () => {
  const reports = join(root, 'reports');
  const report = (stack: string, code: number, text: string): void => {
    write(`reports/${stack}/exit-code`, `${code}\n`);
    write(`reports/${stack}/report.md`, text);
  };
  const shown = (): string[] => fake.issues.map(({ number, title, state }) => `#${number} ${title}: ${state}`);
  beforeEach(() => rmSync(reports, { recursive: true, force: true }));

  test('opens, edits and closes one issue for each stack', async () => {
    report('east', 2, 'machines: one finding');
    report('west', 0, 'nothing');
    expect(await run('drift-issues', '--reports', reports)).toBe(0);
    expect(out).toBe('east: opened #101\n');
    expect(fake.issues[0]?.body).toMatch(/^<!-- k8s-gitops: drift of east -->\n\nmachines: one finding\n\n---\n/);

    report('east', 1, 'machines: could not tell');
    report('west', 2, 'flux: one finding');
    expect(await run('drift-issues', '--reports', reports)).toBe(0);
    expect(out).toBe('east: edited #101\nwest: opened #102\n');
    expect(shown()).toEqual(['#101 Drift: east could not be told: open', '#102 Drift: west: open']);

    report('east', 0, '');
    expect(await run('drift-issues', '--reports', reports)).toBe(0);
    expect(out).toBe('east: closed #101\nwest: edited #102\n');
    expect(fake.comments.map(({ issue, body }) => [issue, body.slice(0, 17)])).toEqual([[101, 'No drift any more']]);

    report('east', 2, 'again');
    expect(await run('drift-issues', '--reports', reports)).toBe(0);
    expect(shown().filter((line) => line.endsWith('open'))).toEqual([
      '#102 Drift: west: open',
      '#104 Drift: east: open',
    ]);
  });

  test('a run that left nothing never closes an issue', async () => {
    report('west', 0, '');
    expect(await run('drift-issues', '--reports', reports)).toBe(0);
    expect(shown()).toEqual(['#101 Drift: east could not be told: open']);
    expect(fake.issues[0]?.body).toContain('`npm run drift -- --stack east` left no report: see [the run]');
  });

  test('is refused as GitHub does', async () => {
    fake.permissions.issues = 'read';
    report('east', 2, 'x');
    expect(await run('drift-issues', '--reports', reports)).toBe(1);
    expect(err).toMatch(/`permissions: issues: write`/);
  });
});

test('duplicates and issues of stacks that are gone are closed; another stack whose name begins alike is not touched', () => {
  const issue = (number: number, stack: string) => ({ number, title: '', body: `${issueMarker(stack)}\n\nx` });
  const open = [issue(1, 'east'), issue(2, 'east'), issue(3, 'east-2'), issue(4, 'gone')];
  const changes = issueChanges(
    [
      { stack: 'east', exitCode: 2, markdown: 'x' },
      { stack: 'east-2', exitCode: 2, markdown: 'x' },
    ],
    open,
    'run',
  );
  expect(changes.map((change) => [change.kind, change.stack, 'number' in change ? change.number : undefined])).toEqual([
    ['edit', 'east', 1],
    ['close', 'east', 2],
    ['edit', 'east-2', 3],
    ['close', 'gone', 4],
  ]);
});
