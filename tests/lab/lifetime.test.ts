import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { findMarked } from '../../lab/executor/marker';
import { listListeners } from '../../lab/ports';
import { readState } from '../../lab/state';
import type { LabResult } from '../../lab/up/up';
import { listStacks } from '../../lab/up/stackFiles';
import { Checkout, type Ended } from './checkout';
import { handedOver } from './handedOver';
import { inventory } from './inventory';
import { secretsAndCloudflare, sharedSecrets } from './secretsAndCloudflare';

// Two labs from start to end: the tests below run in this order and depend on each other.
const minute = 60_000;
const left = new Checkout('left');
const right = new Checkout('right');
const stacks = listStacks(left.root);
const owner = 'infra';
let ended: Ended[] = [];

const results = (): LabResult[] =>
  ended.map(({ code, stdout, stderr }) => {
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as LabResult;
  });

beforeAll(async () => {
  // What keeps Flux's adoption from restarting pods is off on the right.
  const gate = 'DisableChartDigestTracking=true';
  const files = execFileSync('grep', ['-rl', gate, 'kubernetes'], { cwd: right.root, encoding: 'utf8' });
  for (const file of files.trim().split('\n')) {
    const full = path.join(right.root, file);
    fs.writeFileSync(full, fs.readFileSync(full, 'utf8').replaceAll(gate, 'DisableChartDigestTracking=false'));
  }
  // Left: stacks sequentially, the owner of the zone last. Right: all concurrently.
  const order = ['--order', [...stacks.filter((stack) => stack !== owner), owner].join(',')];
  ended = await Promise.all([left.lab('up', '--json', ...order), right.lab('up', '--json')]);
}, 90 * minute);

afterAll(() => Promise.all([left, right].map((checkout) => checkout.remove())), 5 * minute);

test('up hands over every cluster in two concurrent labs, and stdout contains only the result', () => {
  for (const { clusters, durationSeconds } of results()) {
    expect(Object.keys(clusters)).toEqual(stacks);
    expect(durationSeconds).toBeGreaterThan(0);
    for (const { kustomizations } of Object.values(clusters)) {
      expect(kustomizations.ready).toBe(kustomizations.total);
    }
  }
});

test('without the chart-digest gate, the handover restarts pods, and the lab detects it', () => {
  const recreated = results().map(({ clusters }) =>
    Object.values(clusters).map(({ pods }) => pods.recreatedByHandover),
  );
  expect(recreated[0]).toEqual(recreated[0]?.map(() => 0));
  for (const pods of recreated[1] ?? []) expect(pods).toBeGreaterThan(0);
});

describe('secrets of stacks that came up concurrently', () => sharedSecrets(right, stacks));

test(
  'the two labs share no address or port, and one goes down without affecting the other',
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

describe('a lab after the handover', () => handedOver(left, stacks, () => results()[0] as LabResult));

describe('secrets of stacks that came up sequentially', () => sharedSecrets(left, stacks));
describe('secrets and Cloudflare', () => secretsAndCloudflare(left, stacks, owner));

test(
  'destroy empties the stacks and leaves the clusters alone',
  async () => {
    const before = await Promise.all(stacks.map((stack) => inventory(left, stack)));
    const others = stacks.filter((stack) => stack !== owner);
    await Promise.all(
      others.map((stack) => left.must('pulumi', 'destroy', '--yes', '--skip-preview', '--stack', stack)),
    );
    expect(await Promise.all(stacks.map((stack) => inventory(left, stack)))).toEqual(before);
  },
  20 * minute,
);

test(
  'down leaves no processes and no open ports',
  async () => {
    const state = readState(left.labDir);
    if (state === undefined) throw new Error('the lab has no state');
    await left.must('down');
    expect(findMarked(left.labDir)).toEqual([]);
    const ours = new Set(Object.values(state.ports));
    const open = listListeners().filter(
      ({ address, port }) => ours.has(port) || address.startsWith(`${state.prefix}.`),
    );
    expect(open).toEqual([]);
  },
  3 * minute,
);
