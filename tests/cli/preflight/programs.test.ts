import { bootstrapCharts, checkCharts } from '../../../cli/preflight/charts';
import { checkGit, evaluateGit } from '../../../cli/preflight/git';
import { failed, ok } from '../../../cli/preflight/checkResult';
import { checkNodeVersion, checkTool, pulumiTool, tooOld } from '../../../cli/preflight/tools';
import { FakeTool } from '../../clients/support/fakeTool';

const { signal } = new AbortController();
let tool: FakeTool | undefined;
afterEach(() => tool?.remove());

describe('Git', () => {
  const git = { url: 'https://user:pass@git.example.org/platform.git', branch: 'main' };
  const [here, there] = ['a'.repeat(40), 'b'.repeat(40)];
  const check = { id: 'git', what: 'branch main of https://git.example.org/platform.git' };

  test('passes if the branch is at the commit of the checkout, and lists what Flux does not see', () => {
    expect(evaluateGit(git, { commit: here, uncommitted: [] }, here)).toEqual(ok(check, 'at aaaaaaaaaaaa'));
    expect(evaluateGit(git, { commit: here, uncommitted: ['a'] }, here).why).toBe(
      'at aaaaaaaaaaaa; Flux does not see 1 uncommitted file: a',
    );
    expect(evaluateGit(git, { commit: here, uncommitted: ['a', 'b', 'c', 'd'] }, here).why).toBe(
      'at aaaaaaaaaaaa; Flux does not see 4 uncommitted files: a, b, c, …',
    );
  });

  test('fails if the branch is at another commit', () => {
    expect(evaluateGit(git, { commit: here, uncommitted: [] }, there)).toEqual(
      failed(
        check,
        'is at bbbbbbbbbbbb, but this checkout is at aaaaaaaaaaaa',
        'push or pull until both match: git push origin HEAD:main',
      ),
    );
  });

  test('compares the remote with the working copy', async () => {
    tool = new FakeTool(
      'git',
      `case "$*" in
        *rev-parse*) echo ${here} ;;
        *status*) printf ' M kubernetes/one.yaml\\0?? kubernetes/two words.yaml\\0' ;;
        ls-remote*) printf '${here}\\trefs/heads/main\\n' ;;
      esac`,
    );
    expect((await checkGit(git, '/checkout', undefined, signal)).why).toBe(
      'at aaaaaaaaaaaa; Flux does not see 2 uncommitted files: kubernetes/one.yaml, kubernetes/two words.yaml',
    );
    expect(await checkGit(git, '/checkout', there, signal)).toMatchObject({
      state: 'failed',
      why: 'is at aaaaaaaaaaaa, but this checkout is at bbbbbbbbbbbb',
    });
  });

  test('fails if the branch is missing', async () => {
    tool = new FakeTool('git', 'exit 0');
    expect(await checkGit(git, '/checkout', here, signal)).toEqual(
      failed(check, 'https://git.example.org/platform.git has no branch main', 'push it, or correct GIT_BRANCH'),
    );
  });

  test('fails if the remote is missing', async () => {
    tool = new FakeTool('git', 'echo "fatal: repository not found" >&2; exit 128');
    expect(await checkGit(git, '/checkout', here, signal)).toEqual(
      failed(
        check,
        'git cannot read https://git.example.org/platform.git: fatal: repository not found',
        'correct GIT_URL, or make it reachable from this machine',
      ),
    );
  });
});

describe('charts', () => {
  const chart = { chartUrl: 'oci://registry.example.org/b', version: '1.0.0' };
  const release = {
    ...chart,
    name: 'b',
    namespace: 'n',
    storageNamespace: 'n',
    values: '{}',
    timeoutSeconds: 1,
    wait: true,
  };
  const charts = bootstrapCharts({
    crds: [
      { kind: 'git', name: 'g', url: 'https://git.example.org/g', tag: 'v1', path: 'p' },
      { kind: 'chart', ...chart, name: 'b', releaseName: 'b', releaseNamespace: 'n', values: '{}' },
    ],
    stages: [[release], [{ ...release, chartUrl: 'oci://registry.example.org/a' }]],
    kustomizations: [],
  });

  test('are checked once each', () => {
    expect(charts).toEqual([
      { url: 'oci://registry.example.org/a', version: '1.0.0' },
      { url: 'oci://registry.example.org/b', version: '1.0.0' },
    ]);
  });

  test('are found, or not', async () => {
    tool = new FakeTool('helm', '[[ "$*" == *"/a "* ]] && exit 0; echo "Error: no such manifest" >&2; exit 1');
    const helm = ok({ id: 'tool:helm', what: 'program helm' }, 'supported version');
    expect(await checkCharts(charts, helm, signal)).toEqual([
      ok({ id: 'chart:oci://registry.example.org/a', what: 'chart oci://registry.example.org/a 1.0.0' }, 'found'),
      failed(
        { id: 'chart:oci://registry.example.org/b', what: 'chart oci://registry.example.org/b 1.0.0' },
        'no such manifest',
        'correct its URL and version in Git, or make the registry reachable from this machine',
      ),
    ]);
  });

  test('are skipped without a supported Helm', async () => {
    const helm = failed({ id: 'tool:helm', what: 'program helm' }, 'why', 'fix');
    const results = await checkCharts(charts, helm, signal);
    expect(results.map(({ state, why }) => [state, why])).toEqual([
      ['skipped', 'depends on program helm, which failed'],
      ['skipped', 'depends on program helm, which failed'],
    ]);
  });
});

describe('programs', () => {
  test.each([
    ['v3.248.0', '3.248.0', undefined],
    ['v3.300.1', '3.248.0', undefined],
    ['v3.247.9', '3.248.0', 'found v3.247.9, expected at least 3.248.0 and below 4'],
    ['v4.0.0', '3.248.0', 'found v4.0.0, expected at least 3.248.0 and below 4'],
    [undefined, '3.248.0', 'found no version, expected at least 3.248.0 and below 4'],
  ])('version %s against a minimum of %s', (found, oldest, problem) => {
    expect(tooOld(found, oldest)).toBe(problem);
  });

  test('Node', () => {
    expect(checkNodeVersion('v22.1.0', '20.19')).toEqual(ok({ id: 'tool:node', what: 'program node' }, 'v22.1.0'));
    expect(checkNodeVersion('v20.18.3', '20.19')).toMatchObject({
      state: 'failed',
      why: 'found v20.18.3, expected at least 20.19',
      fix: 'install Node: https://nodejs.org',
    });
  });

  test('installed, too old, and missing', async () => {
    const check = { id: 'tool:pulumi', what: 'program pulumi' };
    const run = () => checkTool({ ...pulumiTool, oldest: '3.248.0' }, signal);
    tool = new FakeTool('pulumi', 'echo v3.248.0');
    expect(await run()).toEqual(ok(check, 'v3.248.0'));
    tool.remove();
    tool = new FakeTool('pulumi', 'echo v3.1.0-alpha.1');
    const fix = 'install the Pulumi CLI: https://www.pulumi.com/docs/install/';
    expect(await run()).toEqual(failed(check, 'found v3.1.0-alpha.1, expected at least 3.248.0 and below 4', fix));
    const missing = { ...pulumiTool, name: 'no-such-program' };
    expect(await checkTool(missing, signal)).toEqual(
      failed({ id: 'tool:no-such-program', what: 'program no-such-program' }, 'not found on PATH', fix),
    );
  });
});
