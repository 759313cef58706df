import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withRef } from '../../cli/validate/diff/checkoutRef';
import { runDiff } from '../../cli/validate/diff/runDiff';
import { CannotTell } from '../../cli/validate/options';
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

/** Answers with one ConfigMap for each cluster that holds the text of its file, and the addresses that it was told. */
const script = `answer({ clusters: request.clusters.map(({ name, entry }) => ({ name, entry, problems: [],
  coverage: { checked: 0, total: 1, kindsWithout: [] },
  kustomizations: [],
  objects: [{ kustomization: 'f/f', file: entry + '/value', generated: false, variables: [], object: {
    apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' },
    data: { value: require('fs').readFileSync(request.root + '/' + entry + '/value', 'utf8'), urls: request.urls.join() } } }] })) });`;

test('compares the files as they are with what a commit holds; a cluster that it has not yet is new', async () => {
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

test('the commit is written to a folder of its own, removed also on failure; nothing of the working copy changes', async () => {
  const status = git('status', '--porcelain');
  let at = '';
  const failing = withRef(root, 'main', async (copy) => {
    at = copy;
    expect(readFileSync(join(copy, 'kubernetes/clusters/one/value'), 'utf8')).toBe('old');
    throw new Error('as planned');
  });
  await expect(failing).rejects.toThrow('as planned');
  expect(at).not.toBe('');
  expect(existsSync(at)).toBe(false);
  expect(git('status', '--porcelain')).toBe(status);
});

test('a folder of a repository is compared with the same folder', async () => {
  const files = await withRef(join(root, 'kubernetes'), 'HEAD', async (copy) => readdirSync(copy));
  expect(files).toEqual(['clusters']);
});

test('a commit or a cluster that is not there cannot be told', async () => {
  await expect(withRef(root, 'nowhere', async () => 0)).rejects.toThrow(CannotTell);
  await expect(withRef(root, '--all', async () => 0)).rejects.toThrow(/has no such commit. What to do: .*fetch/);
  await expect(withRef(folder, 'HEAD', async () => 0)).rejects.toThrow(/is in no Git repository/);
});

test('what a killed run left is removed', async () => {
  const left = join(cache, 'k8s-gitops', 'diff', '999999999-x');
  mkdirSync(left, { recursive: true });
  await withRef(root, 'HEAD', async () => expect(existsSync(left)).toBe(false));
});
