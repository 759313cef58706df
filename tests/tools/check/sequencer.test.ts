import { existsSync } from 'node:fs';
import { join } from 'node:path';

const tests = join(__dirname, '..', '..');

interface Sorter {
  sort(found: unknown[]): { path: string }[];
}
const Sequencer = jest.requireActual<new () => Sorter>('../../sequencer.js');

test('the longest files come first, and every test runs once', () => {
  const paths = ['net/addresses.test.ts', 'imports.test.ts', 'gitops/validateFixtures.test.ts'];
  const config = { cwd: tests, rootDir: tests, cacheDirectory: '/nonexistent', id: 'fast' };
  const context = { config, hasteFS: { getSize: () => 1 } };
  const found = paths.map((path) => ({ context, path: join(tests, path) }));
  expect(found.every(({ path }) => existsSync(path))).toBe(true);
  expect(new Sequencer().sort(found).map(({ path }) => path.slice(tests.length + 1))).toEqual([
    'gitops/validateFixtures.test.ts',
    'imports.test.ts',
    'net/addresses.test.ts',
  ]);
});
