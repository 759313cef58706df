import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { minimatch } from 'minimatch';
import { parse } from 'yaml';
import { defineCluster } from '../../cluster/defineCluster';
import { DefinitionError } from '../../cluster/problems';
import { mutants } from './mutations';

/** Changes that are harmless: each of the mutations, of each of the keys. */
interface Reviewed {
  mutations: string[];
  /** `*` stands for any text. */
  keys: string[];
  why: string;
}

const file = 'tests/fixtures/valid/accepted.yaml';
const reviewed = parse(readFileSync(join(__dirname, '..', '..', file), 'utf8')) as Reviewed[];
const isKey = (pattern: string, key: string): boolean =>
  pattern.includes('*') ? minimatch(key, pattern) : pattern === key;

const counts = { all: 0, refused: 0 };
const accepted: { mutation: string; key: string }[] = [];
const crashes: string[] = [];
const unprintable: string[] = [];

beforeAll(() => {
  for (const { mutation, key, input } of mutants()) {
    counts.all += 1;
    try {
      defineCluster(input);
      accepted.push({ mutation, key });
    } catch (error) {
      if (!(error instanceof DefinitionError)) {
        crashes.push(`${key}, ${mutation}: ${String(error)}`);
        continue;
      }
      counts.refused += 1;
      // Line breaks only between problems, nothing hidden, and no value as long as it was given.
      if (!/^[ -~\n]{1,3000}$/.test(error.message))
        unprintable.push(`${key}, ${mutation}: ${error.message.slice(0, 200)}`);
    }
  }
}, 60_000);

test('every change is accepted or refused, never a crash', () => {
  expect(crashes).toEqual([]);
  expect(counts.all).toBeGreaterThan(2500);
  expect(counts.refused + accepted.length).toBe(counts.all);
});

test('no message shows hidden characters, or a long value as it is', () => {
  expect(unprintable).toEqual([]);
});

test(`every accepted change is reviewed in ${file}`, () => {
  const isReviewed = ({ mutation, key }: { mutation: string; key: string }): boolean =>
    reviewed.some(({ mutations, keys }) => mutations.includes(mutation) && keys.some((pattern) => isKey(pattern, key)));
  expect(accepted.filter((change) => !isReviewed(change)).map(({ mutation, key }) => `${key}, ${mutation}`)).toEqual(
    [],
  );
});

test(`${file} lists nothing that is refused`, () => {
  const stale = reviewed.flatMap(({ mutations, keys }) => [
    ...keys.filter(
      (pattern) => !accepted.some(({ mutation, key }) => mutations.includes(mutation) && isKey(pattern, key)),
    ),
    ...mutations.filter(
      (name) => !accepted.some(({ mutation, key }) => mutation === name && keys.some((k) => isKey(k, key))),
    ),
  ]);
  expect(stale).toEqual([]);
});
