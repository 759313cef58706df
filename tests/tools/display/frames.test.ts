import { endedLine, liveFrame, type Screen } from '../../../tools/display/liveFrame';
import { changeLines, heartbeatLines } from '../../../tools/display/plainLines';
import { applyUpdate, emptyView, type StepUpdate, type View } from '../../../tools/display/steps';
import { widthOf } from '../../../tools/display/text';

const updates: StepUpdate[] = [
  { id: 'check', state: 'done' },
  {
    id: 'tools/etcd',
    label: 'etcd v3.6.5',
    state: 'running',
    way: 'download',
    amount: { done: 6e6, total: 24e6, unit: 'bytes' },
  },
  { id: 'tools/kubectl', label: 'kubectl v1.34.1', state: 'running', way: 'build' },
  { id: 'infra/handover', label: 'infra handover', state: 'running', amount: { done: 12, total: 37, unit: 'items' } },
  {
    id: 'infra/handover',
    detail: `waiting for Kustomization cilium: dependency 'flux-system/prometheus-operator-crds' is not ready (and 24 more)`,
  },
  { id: 'next', label: 'second up' },
  { id: 'not needed', state: 'skipped' },
];
const view = updates.reduce<View>((before, update) => applyUpdate(before, update, 1_000), emptyView('lab up', 0));
const estimates = { 'tools/kubectl build': 20, 'infra/handover': 112, 'lab up': 60 };
const screen = (columns: number, rows = 24, colour = false): Screen => ({ columns, rows, colour });

test('a frame at 80 columns', () => {
  expect(liveFrame(view, estimates, 16_000, screen(80))).toEqual([
    '  etcd v3.6.5      ████░░░░░░░░░░░░  download, 6.0 MB of 24.0 MB, 15s',
    '  kubectl v1.34.1  ████████████░░░░  build, 15s (usually 20s)',
    '  infra handover   █████░░░░░░░░░░░  12 of 37, 15s (usually 1m 52s)',
    "    waiting for Kustomization cilium: dependency 'flux-system/prometheus-opera…",
    '  next: second up',
    'lab up: ████░░░░░░░░░░░░ 26 %, 16s (usually 1m 00s), 1 of 5 steps done',
  ]);
});

test('a frame at 120 columns has the whole detail, and without estimates bars of dots', () => {
  expect(liveFrame(view, {}, 16_000, screen(120))).toEqual([
    '  etcd v3.6.5      ████░░░░░░░░░░░░  download, 6.0 MB of 24.0 MB, 15s',
    '  kubectl v1.34.1  ················  build, 15s',
    '  infra handover   █████░░░░░░░░░░░  12 of 37, 15s',
    "    waiting for Kustomization cilium: dependency 'flux-system/prometheus-operator-crds' is not ready (and 24 more)",
    '  next: second up',
    'lab up: 16s, 1 of 5 steps done',
  ]);
});

test('an estimate that is over shows 99 %', () => {
  const frame = liveFrame(view, estimates, 1_000_000, screen(80));
  expect(frame[1]).toBe('  kubectl v1.34.1  ███████████████░  build, 16m 39s (usually 20s)');
  expect(frame.at(-1)).toBe('lab up: ███████████████░ 99 %, 16m 40s (usually 1m 00s), 1 of 5 steps done');
});

test.each([10, 20, 40, 80, 120])(
  'no line is wider than a terminal of %d columns, also with wide characters',
  (columns) => {
    const wide = applyUpdate(
      view,
      { id: 'w', label: '日本語の長い名前の長い長い長い名前', state: 'running', detail: '待つ'.repeat(80) },
      0,
    );
    const widths = liveFrame(wide, estimates, 16_000, screen(columns)).map(widthOf);
    expect(widths.filter((width) => width >= columns)).toEqual([]);
  },
);

test('a low terminal loses details first, then the last steps', () => {
  expect(liveFrame(view, {}, 16_000, screen(80, 6))).toEqual([
    '  etcd v3.6.5      ████░░░░░░░░░░░░  download, 6.0 MB of 24.0 MB, 15s',
    '  kubectl v1.34.1  ················  build, 15s',
    '  infra handover   █████░░░░░░░░░░░  12 of 37, 15s',
    '  next: second up',
    'lab up: 16s, 1 of 5 steps done',
  ]);
  expect(liveFrame(view, {}, 16_000, screen(80, 5))).toEqual([
    '  etcd v3.6.5      ████░░░░░░░░░░░░  download, 6.0 MB of 24.0 MB, 15s',
    '  … and 2 more running',
    '  next: second up',
    'lab up: 16s, 1 of 5 steps done',
  ]);
});

test('colour adds escape sequences and nothing else', () => {
  const coloured = liveFrame(view, estimates, 16_000, screen(80, 24, true));
  expect(coloured[4]).toBe('\x1b[2m  next: second up\x1b[22m');

  expect(coloured.map((line) => line.replace(/\x1b\[\d+m/g, ''))).toEqual(
    liveFrame(view, estimates, 16_000, screen(80)),
  );
});

test('the line of a step that ended', () => {
  const done = {
    id: 'a',
    label: 'infra core',
    state: 'done',
    detail: '7 of 7',
    startedAt: 1_000,
    endedAt: 30_500,
  } as const;
  expect(endedLine(done, { a: 38 }, 99_000, { colour: false })).toBe(
    '✓ infra core               29s (usually 38s), 7 of 7',
  );
  const failed = {
    ...done,
    state: 'failed',
    label: 'a label that is longer than its column',
    detail: 'log: x',
  } as const;
  expect(endedLine(failed, {}, 99_000, { colour: false })).toBe(
    '✗ a label that is longer than its column  failed after 29s, log: x',
  );
  expect(endedLine(done, {}, 0, { colour: true })).toMatch(/^\x1b\[32m✓\x1b\[39m infra core /);
});

describe('lines for a log', () => {
  const change = (update: StepUpdate, now = 31_000): string[] =>
    changeLines(view, applyUpdate(view, update, now), { ...estimates, next: 9.5, check: 0.4 }, now);

  test('a step gets a line when it starts, ends, or continues in another way', () => {
    expect(change({ id: 'next', state: 'running' })).toEqual(['second up: started, usually 9.5s']);
    expect(change({ id: 'tools/etcd', state: 'running', way: 'build' })).toEqual(['etcd v3.6.5: build']);
    expect(change({ id: 'infra/handover', state: 'done', detail: '37 of 37' })).toEqual([
      'infra handover: done after 30s (usually 1m 52s), 37 of 37',
    ]);
    expect(change({ id: 'infra/handover', state: 'failed', detail: 'log: x' })).toEqual([
      'infra handover: failed after 30s (usually 1m 52s), log: x',
    ]);
  });

  test('reasons, amounts, planned and skipped steps get none', () => {
    expect(change({ id: 'infra/handover', detail: 'waiting for something else' })).toEqual([]);
    expect(change({ id: 'infra/handover', amount: { done: 13, total: 37, unit: 'items' } })).toEqual([]);
    expect(change({ id: 'new', state: 'waiting' })).toEqual([]);
    expect(change({ id: 'next', state: 'skipped' })).toEqual([]);
  });

  test('the heartbeat has a line per running step', () => {
    expect(heartbeatLines(view, estimates, 31_000)).toEqual([
      'etcd v3.6.5: 6.0 MB of 24.0 MB, 30s',
      'kubectl v1.34.1: 30s (usually 20s)',
      "infra handover: 12 of 37, 30s (usually 1m 52s), waiting for Kustomization cilium: dependency 'flux-system/prometheus-operator-crds' is not ready (and 24 more)",
    ]);
    expect(heartbeatLines(emptyView('lab up', 0), estimates, 31_000)).toEqual(['lab up: 31s (usually 1m 00s)']);
  });
});
