import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lintCommands } from '../../../tools/check/lintCommands';

const root = join(__dirname, '..', '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'k8s-gitops-actionlint-'));
afterAll(() => rmSync(folder, { recursive: true }));

const valid = `on: push
jobs:
  one:
    runs-on: ubuntu-24.04
    steps:
      - run: echo "$GITHUB_SHA"
`;

const broken: Record<string, { text: string; message: string }> = {
  'a job that is needed and missing': {
    text: valid.replace('    runs-on', '    needs: two\n    runs-on'),
    message: 'needs job "two"',
  },
  'a key that is mistyped': { text: valid.replace('runs-on', 'run-on'), message: 'unexpected key "run-on"' },
  'an event that does not exist': {
    text: valid.replace('on: push', 'on: pushed'),
    message: 'unknown Webhook event "pushed"',
  },
  'a property that does not exist': {
    text: valid.replace('echo', 'echo ${{ github.sha1 }}'),
    message: 'property "sha1" is not defined',
  },
  'a title in a script': {
    text: valid.replace('on: push', 'on: pull_request').replace('echo', 'echo ${{ github.event.pull_request.title }}'),
    message: 'potentially untrusted',
  },
  'a cron that never fires': {
    text: valid.replace('on: push', "on: {schedule: [{cron: '61 * * * *'}]}"),
    message: 'invalid CRON format',
  },
};

/** Runs our command on workflows in a repository of their own. */
function check(texts: readonly string[]): { status: number | null; output: string } {
  mkdirSync(join(folder, '.github', 'workflows'), { recursive: true });
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  const files = texts.map((text, index) => {
    const file = join(folder, '.github', 'workflows', `w${index}.yaml`);
    writeFileSync(file, text);
    return file;
  });
  const command = ['--import', 'tsx', 'tools/check/workflows.ts', ...files];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

test('a workflow without mistakes passes', () => {
  expect(check([valid])).toEqual({ status: 0, output: '' });
});

test('mistakes are found, each in its file', () => {
  const { status, output } = check(Object.values(broken).map(({ text }) => text));
  expect(status).toBe(1);
  const found = Object.values(broken).map(({ message }, index) =>
    output.split('\n').some((line) => line.includes(`w${index}.yaml:`) && line.includes(message)),
  );
  expect(Object.keys(broken).map((mistake, index) => [mistake, found[index]])).toEqual(
    Object.keys(broken).map((mistake) => [mistake, true]),
  );
});

test('npm run lint runs it, npm run check only after a change in .github', () => {
  const names = (files?: string[]): string[] => lintCommands(undefined, files).map(({ name }) => name);
  expect(names()).toContain('workflows');
  expect(names(['.github/workflows/ci.yaml'])).toContain('workflows');
  expect(names(['README.md'])).not.toContain('workflows');
});
