import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { minimatch } from 'minimatch';
import { asTable, commandsOf, rowsOf, touchMap } from '../../../tools/check/touchMap';

const root = join(__dirname, '..', '..', '..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
// A copy without an index, such as the one of ownSite.test.ts, has no tracked files.
const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  .toString()
  .split('\0')
  .filter((file) => file !== '');

test('every file of the repository is in a row', () => {
  expect(files).toContain('CONTRIBUTING.md');
  expect(files.filter((file) => rowsOf(file).length === 0)).toEqual([]);
});

test('every glob matches a file, and everything that a row runs exists', () => {
  const unused = touchMap
    .flatMap(({ globs }) => globs)
    .filter((glob) => !files.some((file) => minimatch(file, glob, { dot: true })));
  expect(unused).toEqual([]);
  const runs = touchMap.map((row) => row.runs);
  const paths = runs.flatMap(({ suites = [], lab = [] }) => [...suites, ...lab]);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  expect(runs.flatMap((run) => run.scripts ?? []).filter((name) => !(name in scripts))).toEqual([]);
});

test('a row names its commands', () => {
  expect(commandsOf({ lint: true, related: true, suites: ['tests/a', 'tests/b.test.ts'], lab: ['tests/lab'] })).toEqual(
    [
      'npm run lint',
      'the fast tests that import it',
      'npx jest tests/a tests/b.test.ts --selectProjects fast',
      'npm run test:lab -- tests/lab',
    ],
  );
  expect(commandsOf({ suites: ['tests'], scripts: ['validate'] })).toEqual(['npm test', 'npm run validate']);
  expect(commandsOf({})).toEqual([]);
});

test('the table in CONTRIBUTING.md is the map', () => {
  const table = /## Touch X → run Y\n[\s\S]*?\n(\|[\s\S]*?)\n\n/.exec(read('CONTRIBUTING.md'))?.[1];
  expect(table).toBe(asTable());
});
