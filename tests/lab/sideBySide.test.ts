import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { findMarked } from '../../lab/executor/marker';
import { readState } from '../../lab/state';
import type { LabResult } from '../../lab/up/raise';
import { listStacks } from '../../lab/up/stackFiles';
import { Checkout, type Ended } from './checkout';
import { secretsAndEdge } from './secretsAndEdge';

const minute = 60_000;
const left = new Checkout('left');
const right = new Checkout('right');
const stacks = listStacks(left.root);
const owner = 'infra';
let ended: Ended[] = [];

const clusters = (): LabResult['clusters'][] =>
  ended.map(({ code, stdout, stderr }) => {
    if (code !== 0) throw new Error(stderr);
    return (JSON.parse(stdout) as LabResult).clusters;
  });

beforeAll(async () => {
  const gate = 'DisableChartDigestTracking=true';
  const files = execFileSync('grep', ['-rl', gate, 'kubernetes'], { cwd: right.root, encoding: 'utf8' });
  for (const file of files.trim().split('\n')) {
    const full = path.join(right.root, file);
    fs.writeFileSync(full, fs.readFileSync(full, 'utf8').replaceAll(gate, 'DisableChartDigestTracking=false'));
  }
  // On the left one stack after the other, and the one that owns the zone last.
  const order = ['--order', [...stacks.filter((stack) => stack !== owner), owner].join(',')];
  ended = await Promise.all([left.lab('up', '--json', ...order), right.lab('up', '--json')]);
}, 90 * minute);

afterAll(() => Promise.all([left, right].map((checkout) => checkout.remove())), 5 * minute);

test('two labs from two checkouts run side by side, each to its handover', () => {
  for (const [at, lab] of clusters().entries()) {
    for (const { kustomizations } of Object.values(lab)) {
      if (kustomizations.ready !== kustomizations.total) throw new Error(ended[at]?.stderr);
    }
  }
});

test('without the chart-digest gate the handover restarts pods, and the lab sees it', () => {
  const recreated = clusters().map((lab) => Object.values(lab).map(({ pods }) => pods.recreatedByHandover));
  expect(recreated[0]).toEqual(recreated[0]?.map(() => 0));
  for (const pods of recreated[1] ?? []) expect(pods).toBeGreaterThan(0);
});

test(
  'they share no address or port, and one goes down without the other',
  async () => {
    const [one, two] = [left, right].map(({ labDir }) => readState(labDir));
    expect(one?.prefix).not.toBe(two?.prefix);
    const ports = new Set(Object.values(one?.ports ?? {}));
    expect(Object.values(two?.ports ?? {}).filter((port) => ports.has(port))).toEqual([]);
    await right.must('down');
    expect(findMarked(right.labDir)).toEqual([]);
    expect(findMarked(left.labDir).length).toBeGreaterThan(0);
  },
  5 * minute,
);

describe('secrets and edge, raised one stack after the other', () => secretsAndEdge(left, stacks, owner));
