import { findMarked } from '../../lab/executor/marker';
import { readState } from '../../lab/state';
import type { LabResult } from '../../lab/up/raise';
import { Checkout } from './checkout';

const minute = 60_000;
const checkouts = [new Checkout('left'), new Checkout('right')];

afterAll(() => Promise.all(checkouts.map((checkout) => checkout.remove())), 5 * minute);

test(
  'two labs from two checkouts run side by side and share no address or port',
  async () => {
    const ended = await Promise.all(checkouts.map((checkout) => checkout.lab('up', '--json')));
    for (const { code, stdout, stderr } of ended) {
      if (code !== 0) throw new Error(stderr);
      for (const cluster of Object.values((JSON.parse(stdout) as LabResult).clusters)) {
        expect(cluster.kustomizations.ready).toBe(cluster.kustomizations.total);
      }
    }
    const [left, right] = checkouts.map((checkout) => readState(checkout.labDir));
    expect(left?.prefix).not.toBe(right?.prefix);
    const ports = new Set(Object.values(left?.ports ?? {}));
    expect(Object.values(right?.ports ?? {}).filter((port) => ports.has(port))).toEqual([]);
    await checkouts[0]?.must('down');
    expect(findMarked(checkouts[0]?.labDir ?? '')).toEqual([]);
    expect(findMarked(checkouts[1]?.labDir ?? '').length).toBeGreaterThan(0);
  },
  90 * minute,
);
