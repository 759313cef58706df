import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withRef } from '../../cli/validate/diff/checkoutRef';
import { diffReport } from '../../cli/validate/diff/diffReport';
import { runDiff } from '../../cli/validate/diff/runDiff';
import { ValidateError } from '../../cli/validate/options';
import { fakeRenderer } from './fakeRenderer';

const folder = mkdtempSync(join(tmpdir(), 'k8s-gitops-diff-'));
const root = join(folder, 'repository');
const cache = join(folder, 'cache');
const before = process.env.XDG_CACHE_HOME;
const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.org', ...args], {
    cwd: root,
    encoding: 'utf8',
  });
const write = (file: string, text: string): void => {
  mkdirSync(join(root, file, '..'), { recursive: true });
  writeFileSync(join(root, file), text);
};

beforeAll(() => {
  process.env.XDG_CACHE_HOME = cache;
  mkdirSync(root);
  git('init', '--quiet', '--initial-branch=main');
  git('remote', 'add', 'origin', 'https://example.org/x.git');
  write('kubernetes/clusters/one/value', 'old');
  write('.gitattributes', 'kubernetes export-ignore\n');
  git('add', '--all');
  git('commit', '--quiet', '--message=x');
  write('kubernetes/clusters/one/value', 'new');
  write('kubernetes/clusters/two/value', 'new');
});
afterAll(() => {
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
  rmSync(folder, { recursive: true, force: true });
});

/** Returns one ConfigMap per cluster with the content of its file and the URLs of the request. */
const script = `answer({ clusters: request.clusters.map(({ name, entry }) => ({ name, entry, problems: [],
  coverage: { checked: 0, total: 1, kindsWithout: [] },
  kustomizations: [],
  objects: [{ kustomization: 'f/f', file: entry + '/value', generated: false, variables: [], object: {
    apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' },
    data: { value: require('fs').readFileSync(request.root + '/' + entry + '/value', 'utf8'), urls: request.urls.join() } } }] })) });`;

test('compares the working tree with a commit; a cluster that the commit lacks is new', async () => {
  const { binary, folder: programs } = fakeRenderer(script);
  const result = await runDiff({ root, ref: 'HEAD', renderer: binary, cache: false });
  rmSync(programs, { recursive: true });
  expect(result.commit).toBe(git('rev-parse', 'HEAD').trim());
  expect(result.clusters).toMatchObject([
    { cluster: 'one', change: 'changed', objects: [{ values: [{ path: 'data.value', before: 'old', after: 'new' }] }] },
    { cluster: 'two', change: 'added', objects: [{ change: 'added' }] },
  ]);
  expect(readdirSync(join(cache, 'k8s-gitops', 'diff'))).toEqual([]);
});

test('the report says whether a signal fails the run, and whether something could not be told', async () => {
  const failed = script
    .replace(
      'kustomizations: [],',
      "kustomizations: [{ id: 'f/f', name: 'f', namespace: 'f', object: { apiVersion: 'x', kind: 'Kustomization', metadata: { name: 'f' }, spec: { prune: true } }, file: 'x', path: 'x', variables: {}, files: [] }, { id: 'f/g', name: 'g', namespace: 'f', object: { apiVersion: 'x', kind: 'Kustomization', metadata: { name: 'g' } }, file: 'x', path: 'x', variables: {}, files: [], skipped: 'failed' }],",
    )
    .replace("kind: 'ConfigMap'", "kind: 'Deployment'")
    .replace("apiVersion: 'v1'", "apiVersion: 'apps/v1'")
    .replace('data: { value', "spec: { replicas: request.root.endsWith('repository') ? 1 : 2 }, data: { value");
  const { binary, folder: programs } = fakeRenderer(failed);
  const options = { root, ref: 'HEAD', renderer: binary, cache: false, clusters: ['one'] };
  const report = async (failOn?: 'danger' | 'warning' | 'note') => {
    const { failing, incomplete } = await diffReport(options, { failOn });
    return { failing, incomplete };
  };
  expect(await report()).toEqual({ failing: false, incomplete: true });
  expect(await report('danger')).toEqual({ failing: false, incomplete: true });
  expect(await report('warning')).toEqual({ failing: true, incomplete: true });
  expect(await report('note')).toEqual({ failing: true, incomplete: true });
  const { signals } = JSON.parse((await diffReport(options, { json: true })).text) as { signals: { id: string }[] };
  expect(signals.map(({ id }) => id)).toEqual(['replicas-fewer']);
  rmSync(programs, { recursive: true });
});

test('checks the commit out to a separate folder, removes it also on failure, and leaves the working copy alone', async () => {
  const status = git('status', '--porcelain');
  let path = '';
  const failing = withRef(root, 'main', async (copy) => {
    path = copy;
    expect(readFileSync(join(copy, 'kubernetes/clusters/one/value'), 'utf8')).toBe('old');
    throw new Error('as planned');
  });
  await expect(failing).rejects.toThrow('as planned');
  expect(path).not.toBe('');
  expect(existsSync(path)).toBe(false);
  expect(git('status', '--porcelain')).toBe(status);
});

test('compares a subfolder of a repository with the same subfolder', async () => {
  const files = await withRef(join(root, 'kubernetes'), 'HEAD', async (copy) => readdirSync(copy));
  expect(files).toEqual(['clusters']);
});

test('fails if the commit or the repository does not exist', async () => {
  await expect(withRef(root, 'nowhere', async () => 0)).rejects.toThrow(ValidateError);
  await expect(withRef(root, '--all', async () => 0)).rejects.toThrow(/has no such commit; correct .*fetch/);
  await expect(withRef(folder, 'HEAD', async () => 0)).rejects.toThrow(/is not in a Git repository/);
});

test('removes the folder of a killed run', async () => {
  const stale = join(cache, 'k8s-gitops', 'diff', '999999999-x');
  mkdirSync(stale, { recursive: true });
  await withRef(root, 'HEAD', async () => expect(existsSync(stale)).toBe(false));
});
