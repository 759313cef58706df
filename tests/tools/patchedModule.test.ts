import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import execa from 'execa';
import { applyPatch } from '../../tools/patchedModule';
import { ToolError } from '../../tools/toolError';

const patchText = [
  'Why it is patched.',
  '',
  'diff --git a/pkg/file.go b/pkg/file.go',
  '--- a/pkg/file.go',
  '+++ b/pkg/file.go',
  '@@ -1,2 +1,2 @@',
  ' package pkg',
  '-const value = 1',
  '+const value = 2',
  '',
].join('\n');

let folder: string;
let patch: string;
let file: string;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'patched-')));
  mkdirSync(join(folder, 'source', 'pkg'), { recursive: true });
  patch = join(folder, 'source.patch');
  file = join(folder, 'source', 'pkg', 'file.go');
  writeFileSync(patch, patchText);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('applies a patch below a Git repository, where git apply alone would skip every file', async () => {
  await execa('git', ['init', '--quiet'], { cwd: folder });
  writeFileSync(join(folder, '.gitignore'), 'source\n');
  writeFileSync(file, 'package pkg\nconst value = 1\n');
  await applyPatch(patch, join(folder, 'source'));
  expect(readFileSync(file, 'utf8')).toBe('package pkg\nconst value = 2\n');
});

test('a patch that does not match is an error that names it, and changes nothing', async () => {
  writeFileSync(file, 'package pkg\nconst value = 3\n');
  const error: unknown = await applyPatch(patch, join(folder, 'source')).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ToolError);
  expect((error as ToolError).message).toContain(`${patch}: error: patch failed: pkg/file.go:1`);
  expect(readFileSync(file, 'utf8')).toBe('package pkg\nconst value = 3\n');
});
