import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changedFiles } from '../../../tools/check/changedFiles';

const root = mkdtempSync(join(tmpdir(), 'changed-files-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const git = (...args: string[]): string => {
  const author = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...author, ...args], { cwd: root, encoding: 'utf8' }).trim();
};
const write = (file: string): void => writeFileSync(join(root, file), `${file} at ${Date.now()} ${Math.random()}\n`);
const commit = (...files: string[]): void => {
  for (const file of files) write(file);
  git('add', '.');
  git('commit', '--quiet', '-m', 'm');
};

test('committed on this branch, uncommitted, untracked and deleted files; not those of the main branch', async () => {
  git('init', '--quiet', '--initial-branch=main');
  writeFileSync(join(root, '.gitignore'), 'ignored\n');
  commit('kept', 'deleted', 'edited');
  git('checkout', '--quiet', '-b', 'branch');
  commit('with space');
  git('checkout', '--quiet', 'main');
  commit('on main');
  git('checkout', '--quiet', 'branch');
  write('edited');
  write('untracked');
  write('ignored');
  git('rm', '--quiet', 'deleted');
  expect(await changedFiles(root)).toEqual(['deleted', 'edited', 'untracked', 'with space']);
  expect(await changedFiles(root, 'HEAD')).toEqual(['deleted', 'edited', 'untracked']);
});

test('an unknown commit is an error', async () => {
  const message = '--changed: found no-such-branch, expected a commit of this repository';
  await expect(changedFiles(root, 'no-such-branch')).rejects.toThrow(message);
});
