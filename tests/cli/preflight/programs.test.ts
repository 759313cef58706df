import { bootstrapCharts, checkCharts } from '../../../cli/preflight/charts';
import { checkGit, evaluateGit } from '../../../cli/preflight/git';
import { failed, ok } from '../../../cli/preflight/checkResult';
import { checkTool, nodeLine, pulumiTool, tooOld } from '../../../cli/preflight/tools';
import { FakeTool } from '../../provider/support/fakeTool';

const { signal } = new AbortController();
let tool: FakeTool | undefined;
afterEach(() => tool?.remove());

describe('Git', () => {
  const git = { url: 'https://user:pass@git.example.org/platform.git', branch: 'main' };
  const [here, there] = ['a'.repeat(40), 'b'.repeat(40)];
  const asked = { id: 'git', what: 'branch main of https://git.example.org/platform.git' };

  test('the branch is where the checkout is; what Flux does not see is told', () => {
    expect(evaluateGit(git, { commit: here, uncommitted: [] }, here)).toEqual(ok(asked, 'at aaaaaaaaaaaa'));
    expect(evaluateGit(git, { commit: here, uncommitted: ['a'] }, here).why).toBe(
      'at aaaaaaaaaaaa; Flux does not see 1 uncommitted file: a',
    );
    expect(evaluateGit(git, { commit: here, uncommitted: ['a', 'b', 'c', 'd'] }, here).why).toBe(
      'at aaaaaaaaaaaa; Flux does not see 4 uncommitted files: a, b, c, …',
    );
  });

  test('the branch is elsewhere', () => {
    expect(evaluateGit(git, { commit: here, uncommitted: [] }, there)).toEqual(
      failed(
        asked,
        'is at bbbbbbbbbbbb, and this checkout at aaaaaaaaaaaa',
        'push or pull, until both are the same: git push origin HEAD:main',
      ),
    );
  });

  test('asks the remote and the working copy', async () => {
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
      why: 'is at aaaaaaaaaaaa, and this checkout at bbbbbbbbbbbb',
    });
  });

  test('the branch is missing', async () => {
    tool = new FakeTool('git', 'exit 0');
    expect(await checkGit(git, '/checkout', here, signal)).toEqual(
      failed(asked, 'https://git.example.org/platform.git has no branch main', 'push it, or correct GIT_BRANCH'),
    );
  });

  test('the remote is missing', async () => {
    tool = new FakeTool('git', 'echo "fatal: repository not found" >&2; exit 128');
    expect(await checkGit(git, '/checkout', here, signal)).toEqual(
      failed(
        asked,
        'git cannot read https://git.example.org/platform.git: fatal: repository not found',
        'correct GIT_URL, or the way by which this machine reaches it',
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
    releases: [release, { ...release, chartUrl: 'oci://registry.example.org/a' }],
    kustomizations: [],
  });

  test('each once', () => {
    expect(charts).toEqual([
      { url: 'oci://registry.example.org/a', version: '1.0.0' },
      { url: 'oci://registry.example.org/b', version: '1.0.0' },
    ]);
  });

  test('found, and not', async () => {
    tool = new FakeTool('helm', '[[ "$*" == *"/a "* ]] && exit 0; echo "Error: no such manifest" >&2; exit 1');
    const helm = ok({ id: 'tool:helm', what: 'program helm' }, 'will do');
    expect(await checkCharts(charts, helm, signal)).toEqual([
      ok({ id: 'chart:oci://registry.example.org/a', what: 'chart oci://registry.example.org/a 1.0.0' }, 'found'),
      failed(
        { id: 'chart:oci://registry.example.org/b', what: 'chart oci://registry.example.org/b 1.0.0' },
        'no such manifest',
        'correct its URL and version in Git, or the way by which this machine reaches the registry',
      ),
    ]);
  });

  test('not asked without a Helm that will do', async () => {
    const helm = failed({ id: 'tool:helm', what: 'program helm' }, 'why', 'fix');
    const lines = await checkCharts(charts, helm, signal);
    expect(lines.map(({ state, why }) => [state, why])).toEqual([
      ['skipped', 'because of: program helm'],
      ['skipped', 'because of: program helm'],
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
  ])('%s against %s', (found, oldest, problem) => {
    expect(tooOld(found, oldest)).toBe(problem);
  });

  test('Node', () => {
    expect(nodeLine('v22.1.0', '20.19')).toEqual(ok({ id: 'tool:node', what: 'program node' }, 'v22.1.0'));
    expect(nodeLine('v20.18.3', '20.19')).toMatchObject({
      state: 'failed',
      why: 'found v20.18.3, expected at least 20.19',
      fix: 'install Node: https://nodejs.org',
    });
  });

  test('there, too old, and not there', async () => {
    const asked = { id: 'tool:pulumi', what: 'program pulumi' };
    const ask = () => checkTool({ ...pulumiTool, oldest: '3.248.0' }, signal);
    tool = new FakeTool('pulumi', 'echo v3.248.0');
    expect(await ask()).toEqual(ok(asked, 'v3.248.0'));
    tool.remove();
    tool = new FakeTool('pulumi', 'echo v3.1.0-alpha.1');
    const fix = 'install the Pulumi CLI: https://www.pulumi.com/docs/install/';
    expect(await ask()).toEqual(failed(asked, 'found v3.1.0-alpha.1, expected at least 3.248.0 and below 4', fix));
    const missing = { ...pulumiTool, name: 'no-such-program' };
    expect(await checkTool(missing, signal)).toEqual(
      failed({ id: 'tool:no-such-program', what: 'program no-such-program' }, 'not found on PATH', fix),
    );
  });
});
