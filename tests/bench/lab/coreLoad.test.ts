import { busySeconds, loadSlices, loadWithin } from '../../../bench/lab/coreLoad';
import type { LoadSample } from '../../../bench/lab/recording';

test('busy is everything but idle and iowait; guest time is already part of user time', () => {
  const stat = 'cpu  100 20 30 4000 500 6 7 8 90 10\ncpu0 1 1 1 1 1 1 1 1 0 0\n';
  expect(busySeconds(stat)).toBe(1.71);
  expect(() => busySeconds('intr 1')).toThrow('found no line "cpu"');
});

const samples: LoadSample[] = [
  { at: 1000, busySeconds: 10, lab: { infra: 1 } },
  { at: 1500, busySeconds: 11, lab: { infra: 1.5, apps: 0.25 } },
  { at: 2500, busySeconds: 11.5, lab: { infra: 1.75, apps: 0.25 } },
];

test('the load between samples, in cores', () => {
  expect(loadSlices(samples)).toEqual([
    { from: 1000, to: 1500, busyCores: 2, lab: { infra: 1, apps: 0.5 } },
    { from: 1500, to: 2500, busyCores: 0.5, lab: { infra: 0.25, apps: 0 } },
  ]);
  expect(loadSlices([])).toEqual([]);
  expect(loadSlices(samples.slice(0, 1))).toEqual([]);
});

test('two samples in the same millisecond, and a counter that falls, do not divide by zero or count backwards', () => {
  const twice = [
    { at: 1, busySeconds: 1, lab: { infra: 1 } },
    { at: 1, busySeconds: 2, lab: { infra: 1 } },
    { at: 1001, busySeconds: 1, lab: { infra: 0.5 } },
  ];
  expect(loadSlices(twice)).toEqual([{ from: 1, to: 1001, busyCores: 0, lab: { infra: 0 } }]);
});

test('the share of time in which all cores were busy, and whose CPU it was', () => {
  expect(loadWithin(loadSlices(samples), 1000, 2500, 2)).toEqual({
    seconds: 1.5,
    busyCores: 1,
    allBusyShare: 0.333,
    labSeconds: 1,
    otherSeconds: 0.5,
  });
});

test('slices that cross an edge count in proportion', () => {
  expect(loadWithin(loadSlices(samples), 1250, 1750, 2)).toEqual({
    seconds: 0.5,
    busyCores: 1.25,
    allBusyShare: 0.5,
    labSeconds: 0.438,
    otherSeconds: 0.188,
  });
  expect(loadWithin(loadSlices(samples), 3000, 4000, 2)).toBeUndefined();
});

test('a core that was idle for a tick only is busy', () => {
  const slices = [{ from: 0, to: 1000, busyCores: 1.9, lab: {} }];
  expect(loadWithin(slices, 0, 1000, 2)?.allBusyShare).toBe(1);
  expect(loadWithin([{ from: 0, to: 1000, busyCores: 1.89, lab: {} }], 0, 1000, 2)?.allBusyShare).toBe(0);
});
