import type { Judgement } from '../../lab/rehearse/judge';
import { listStacks } from '../../cluster/stackFile';
import { restored } from './base';
import { seedOfCampaign } from './campaign';
import { Checkout } from './checkout';
import { requiredStack, zoneOwner } from './chosenStack';

// A restored lab in which one thing after the other is changed behind its owner's back. `npm run lab -- rehearse drift` runs
// all of them.
const minute = 60_000;
const checkout = new Checkout('drift');
/** The stack that owns the zone: it has something for every layer. */
const stack = requiredStack(zoneOwner(checkout.root), 'the zone');
const sampled = 6;

beforeAll(() => restored(checkout), 60 * minute);
afterAll(() => checkout.remove(), 5 * minute);

test(
  'each tamper is found in its layer, by object and field, and nothing else; before and after them, nothing is',
  async () => {
    const seed = seedOfCampaign();
    const sample = seed === 'full' ? [] : ['--sample', String(sampled), '--seed', seed];
    const command = ['rehearse', 'drift', '--stack', stack, '--json', ...sample];
    const { stdout, stderr } = await checkout.lab(...command);
    if (stdout === '') throw new Error(stderr);
    const judgements = JSON.parse(stdout) as Judgement[];
    expect(judgements.filter(({ passed }) => !passed)).toEqual([]);
    expect(judgements.length).toBeGreaterThanOrEqual(sampled + 2);
    process.stdout.write(`${judgements.map(({ name, seconds }) => `${name} ${seconds} s`).join(', ')}\n`);
  },
  180 * minute,
);

test(
  'every other stack has no drift',
  async () => {
    for (const other of listStacks(checkout.root).filter((name) => name !== stack)) {
      const { code, stdout, stderr } = await checkout.lab('drift', '--stack', other);
      expect([other, code, code === 0 ? '' : stdout + stderr]).toEqual([other, 0, '']);
    }
  },
  10 * minute,
);
