import { existsSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { chartFolder } from '../../../cli/validate/charts/helm';
import { cacheFolder } from '../../../tools/cacheFolder';

test('keeps charts of real registries in the cache', () => {
  expect(dirname(chartFolder({}))).toBe(cacheFolder());
  expect(dirname(chartFolder({ HTTPS_PROXY: 'http://proxy.example.org:3128' }))).toBe(cacheFolder());
});

test("does not cache charts of the lab's registry", () => {
  const folders = [0, 1].map(() => chartFolder({ HTTPS_PROXY: 'http://127.0.0.1:3128' }));
  const found = folders.map((folder) => [dirname(folder), existsSync(folder)]);
  // Jest's `process` does not emit "exit", on which chartFolder removes them.
  for (const folder of folders) rmSync(folder, { recursive: true });
  expect(found).toEqual([
    [tmpdir(), true],
    [tmpdir(), true],
  ]);
  expect(new Set(folders).size).toBe(2);
});
