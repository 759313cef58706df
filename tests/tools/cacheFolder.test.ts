import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCacheFolder } from '../../tools/cacheFolder';
import { ToolError } from '../../tools/toolError';

const folder = mkdtempSync(join(tmpdir(), 'k8s-gitops-cache-'));
const before = process.env.XDG_CACHE_HOME;
afterEach(() => {
  if (before === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = before;
});
afterAll(() => rmSync(folder, { recursive: true }));

test('makes the folder', () => {
  process.env.XDG_CACHE_HOME = folder;
  expect(makeCacheFolder('a', 'b')).toBe(join(folder, 'k8s-gitops', 'a', 'b'));
  expect(statSync(join(folder, 'k8s-gitops', 'a', 'b')).isDirectory()).toBe(true);
});

test('says in one line why it cannot', () => {
  process.env.XDG_CACHE_HOME = join(folder, 'file');
  writeFileSync(join(folder, 'file'), '');
  expect(() => makeCacheFolder('a')).toThrow(
    new ToolError(
      `${folder}/file/k8s-gitops/a: cannot be made (part of its path is a file); ` +
        "correct XDG_CACHE_HOME or HOME, or the folder's permissions",
    ),
  );
});
