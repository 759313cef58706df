import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sample, sampledFiles } from '../lab/campaign';
import { always, sampled } from '../lab/order.json';

const parts = ['a', 'b', 'c', 'd'];

test('a sample has as many parts as asked for, in their order, and the same ones for the same seed', () => {
  for (const seed of ['5fc8155', '2ac2562', 'ee8b9dd', '']) {
    const chosen = sample(parts, 2, seed);
    expect(chosen).toHaveLength(2);
    expect(chosen).toEqual([...chosen].sort());
    expect(sample(parts, 2, seed)).toEqual(chosen);
  }
});

test('every part is in some sample, and the full campaign has all of them', () => {
  const seeds = Array.from({ length: 40 }, (_, index) => `commit ${index}`);
  expect(new Set(seeds.flatMap((seed) => sample(parts, 1, seed)))).toEqual(new Set(parts));
  expect(sample(parts, 1, 'full')).toEqual(parts);
});

test('every file of the suite always runs or is sampled, and one of the sampled ones runs per commit', () => {
  const names = readdirSync(join(__dirname, '..', 'lab'))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => name.replace('.test.ts', ''));
  expect([...always, ...sampled].sort()).toEqual(names.sort());
  const { run, left } = sampledFiles('2ac2562');
  expect(run.slice(0, always.length)).toEqual(always);
  expect(run).toHaveLength(always.length + 1);
  expect([...run.slice(always.length), ...left].sort()).toEqual(sampled.toSorted());
  expect(sampledFiles('full')).toEqual({ run: [...always, ...sampled], left: [] });
});
