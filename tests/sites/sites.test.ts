import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { Checkout } from '../lab/checkout';
import { sites } from './sites';

// A clone of this repository becomes one site after the other.
const minute = 60_000;
const checkout = new Checkout('sites');
afterAll(() => checkout.remove());

/** Runs a program in the clone. */
function run(program: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(program, args, { cwd: checkout.root, encoding: 'utf8' });
}
function must(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = run(program, ...args);
  if (status !== 0) throw new Error(`${[program, ...args].join(' ')} exited with ${status}:\n${stdout}${stderr}`);
  return stdout;
}
const git = (...args: string[]): string =>
  must('git', '-c', 'user.name=test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false', ...args);
const node = (...args: string[]): string => must(process.execPath, ...args);
const init = (): string => node('bin/run.js', 'cli/init.ts', '--answers', 'answers.yaml');

/** The files that differ from the clone, as `git status` marks them; what a site removes is not listed file by file. */
function touched(removed: readonly string[] = []): string[] {
  const ofRemoved = new RegExp(
    `^ D (Pulumi\\.(${removed.join('|')})\\.yaml|kubernetes/clusters/(${removed.join('|')})/)`,
  );
  const lines = git('status', '--porcelain', '--untracked-files=all').split('\n').filter(Boolean);
  return lines.filter((line) => !ofRemoved.test(line) && !line.endsWith('answers.yaml'));
}

const lists = (cluster: string, system: string): boolean =>
  readFileSync(join(checkout.root, 'kubernetes', 'clusters', cluster, 'kustomization.yaml'), 'utf8').includes(
    `../../systems/${system}\n`,
  );

beforeAll(() => {
  git('add', '--all');
  git('commit', '--quiet', '--message', 'clone');
});
afterEach(() => {
  git('reset', '--quiet', '--hard');
  git('clean', '--quiet', '--force', '-d', '--exclude', 'node_modules');
});

test.each(sites)(
  '$name: accepted without findings, documented, and nothing of it is deleted from the clone',
  ({ name, answers }) => {
    writeFileSync(join(checkout.root, 'answers.yaml'), stringify(answers));
    init();
    const files = touched(answers.remove);
    const generated = ['expected', 'kustomization', 'writers'];
    expect(files.sort()).toEqual(
      answers.clusters
        .flatMap((cluster) => [
          `?? Pulumi.${cluster.name}.yaml`,
          `?? kubernetes/clusters/${cluster.name}/cluster-settings.yaml`,
          `?? kubernetes/clusters/${cluster.name}/kustomization.yaml`,
          ...(lists(cluster.name, 'metrics-store')
            ? generated.map((file) => `?? kubernetes/clusters/${cluster.name}/observability/${file}.yaml`)
            : []),
        ])
        .sort(),
    );
    process.stdout.write(`${name}: ${files.length} files written, none deleted but the example clusters\n`);

    const { stdout, stderr } = run(process.execPath, 'bin/validate', '--json');
    if (stdout === '') throw new Error(stderr);
    expect(JSON.parse(stdout)).toMatchObject({ findings: [] });
    node('bin/run.js', 'cli/docs.ts');
    expect(touched(answers.remove).filter((line) => !files.includes(line))).toEqual([' M docs/platform.md']);

    git('add', '--all');
    init();
    expect(git('diff', '--name-only')).toBe('');
  },
  5 * minute,
);

// The other sites differ in what is listed, which no test looks at.
test.each(sites.filter(({ name }) => ['nothing optional', 'three clusters in a mesh'].includes(name)))(
  '$name: the tests of the own tree pass',
  ({ answers }) => {
    writeFileSync(join(checkout.root, 'answers.yaml'), stringify(answers));
    init();
    const own = [
      'tests/stacks/',
      'tests/gitops/render/clusters',
      'tests/cluster/stackConfig',
      'tests/architectureTrace',
    ];
    const args = ['--selectProjects', 'fast', '--runInBand', '--reporters', 'default'];
    const { status, stdout, stderr } = run(process.execPath, 'node_modules/jest/bin/jest.js', ...own, ...args);
    expect(stdout + stderr).toMatch(/^Tests: +\d+ passed, \d+ total$/m);
    expect(status).toBe(0);
  },
  5 * minute,
);
