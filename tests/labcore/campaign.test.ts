import { sample } from '../lab/campaign';

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
