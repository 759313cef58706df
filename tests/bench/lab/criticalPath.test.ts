import { criticalPath, type Dependent } from '../../../bench/lab/criticalPath';
import { coveredLength, mergeIntervals } from '../../../bench/lab/intervals';

const span = (id: string, start: number, end: number | undefined, ...dependsOn: string[]): Dependent => ({
  id,
  start,
  dependsOn,
  ...(end !== undefined && { end }),
});

test('follows what ended last, and splits each step into waiting and working', () => {
  const spans = [span('a', 1, 4), span('b', 0, 6), span('c', 8, 10, 'a', 'b'), span('unrelated', 9, 20)];
  expect(criticalPath(spans, 'c')).toEqual([
    { id: 'b', from: 0, to: 6, waited: 0 },
    { id: 'c', from: 6, to: 10, waited: 2 },
  ]);
});

test('a step that began before its dependency ended counts from that end', () => {
  const spans = [span('child', 2, 7), span('parent', 1, 9, 'child')];
  expect(criticalPath(spans, 'parent')).toEqual([
    { id: 'child', from: 2, to: 7, waited: 0 },
    { id: 'parent', from: 7, to: 9, waited: 0 },
  ]);
});

test('what never ended, ended later or is unknown held nothing', () => {
  const spans = [span('open', 0, undefined), span('later', 0, 30), span('c', 8, 10, 'open', 'later', 'nobody')];
  expect(criticalPath(spans, 'c')).toEqual([{ id: 'c', from: 8, to: 10, waited: 0 }]);
});

test('dependencies that end together are followed once, and a cycle ends', () => {
  const spans = [span('a', 0, 5, 'b'), span('b', 1, 5, 'a'), span('c', 5, 6, 'a', 'b')];
  expect(criticalPath(spans, 'c')).toEqual([
    { id: 'b', from: 1, to: 5, waited: 0 },
    { id: 'c', from: 5, to: 6, waited: 0 },
  ]);
});

test('no path to what is unknown or never ended', () => {
  expect(criticalPath([span('a', 0, 1)], 'b')).toEqual([]);
  expect(criticalPath([span('a', 0, undefined)], 'a')).toEqual([]);
});

test('the lengths of the steps add up to the whole', () => {
  const spans = [span('a', 3, 4), span('b', 4.5, 6, 'a'), span('c', 5, 9, 'b')];
  const steps = criticalPath(spans, 'c');
  expect(steps.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(6);
});

test('merges intervals that overlap or touch, and drops empty and reversed ones', () => {
  const intervals = [
    { from: 5, to: 7 },
    { from: 0, to: 2 },
    { from: 2, to: 3 },
    { from: 6, to: 9 },
    { from: 4, to: 4 },
    { from: 20, to: 10 },
  ];
  expect(mergeIntervals(intervals)).toEqual([
    { from: 0, to: 3 },
    { from: 5, to: 9 },
  ]);
  expect(coveredLength(intervals)).toBe(7);
  expect(coveredLength([])).toBe(0);
  expect(intervals[1]).toEqual({ from: 0, to: 2 });
});
