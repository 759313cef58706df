import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { chartFolder } from '../../../cli/validate/charts/helm';
import { cacheFolder } from '../../../tools/cacheFolder';

test('charts of the registries themselves are kept in the cache', () => {
  expect(dirname(chartFolder({}))).toBe(cacheFolder());
  expect(dirname(chartFolder({ HTTPS_PROXY: 'http://proxy.example.org:3128' }))).toBe(cacheFolder());
});

test("charts of the lab's registry are never taken for the real ones later", () => {
  const folder = chartFolder({ HTTPS_PROXY: 'http://127.0.0.1:3128' });
  expect(dirname(folder)).toBe(tmpdir());
  expect(existsSync(folder)).toBe(true);
  expect(chartFolder({ HTTPS_PROXY: 'http://127.0.0.1:3128' })).not.toBe(folder);
});
