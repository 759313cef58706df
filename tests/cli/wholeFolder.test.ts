import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isWhole, recordSizes } from '../../cli/validate/wholeFolder';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'k8s-gitops-whole-'));
  for (const file of ['index.json', 'v1_Pod.json']) writeFileSync(join(folder, file), '{"type": "object"}');
  recordSizes(folder);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a folder as it was recorded is whole', () => {
  expect(isWhole(folder)).toBe(true);
});

test.each<[string, () => void]>([
  ['cut off', () => truncateSync(join(folder, 'v1_Pod.json'), 5)],
  ['empty', () => writeFileSync(join(folder, 'v1_Pod.json'), '')],
  ['missing', () => rmSync(join(folder, 'v1_Pod.json'))],
])('a file that is %s makes it incomplete', (_, damage) => {
  damage();
  expect(isWhole(folder)).toBe(false);
});

test('a file in its place, an empty folder and a damaged record are incomplete', () => {
  writeFileSync(join(folder, 'sizes.json'), '{"v1_Pod');
  expect(isWhole(folder)).toBe(false);
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'x');
  expect(isWhole(folder)).toBe(false);
  rmSync(folder);
  mkdirSync(folder);
  expect(isWhole(folder)).toBe(false);
});
