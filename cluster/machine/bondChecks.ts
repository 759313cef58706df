import { type Problem, show } from '../problems';
import type { CheckedMachine } from './machines';
import type { NetworkInterface } from './networkSchema';

type Bond = NonNullable<NetworkInterface['bond']>;
type Mode = Bond['mode'];

/** The modes in which Talos takes an option: `checkBond` in its v1alpha1_validation.go. */
const modesOf: Partial<Record<keyof Bond, readonly Mode[]>> = {
  lacpRate: ['802.3ad'],
  adActorSysPrio: ['802.3ad'],
  adUserPortKey: ['802.3ad'],
  arpInterval: ['active-backup', 'balance-rr', 'balance-xor', 'broadcast'],
  arpValidate: ['active-backup', 'balance-rr', 'balance-xor', 'broadcast'],
  packetsPerSlave: ['balance-rr'],
  primary: ['active-backup', 'balance-alb', 'balance-tlb'],
  tlbDynamicLb: ['balance-alb', 'balance-tlb'],
};

/** Numbers up to which Talos takes an option in every mode, because it then has no effect. */
const withoutEffect: Partial<Record<keyof Bond, number>> = {
  adActorSysPrio: 0,
  adUserPortKey: 0,
  arpInterval: 0,
  packetsPerSlave: 1,
  tlbDynamicLb: 0,
};

/** Checks the bonds of a machine: their links, the options of their mode, and that selectors match only physical links. */
export function bondProblems({ node, at }: CheckedMachine): Problem[] {
  return Object.entries(node.network.interfaces).flatMap(([name, { bond }]): Problem[] => {
    if (bond === undefined) return [];
    const where = (...path: PropertyKey[]) => at('network', 'interfaces', name, 'bond', ...path);
    return [
      ...memberProblems(bond, where),
      ...modeProblems(bond, where),
      ...delayProblems(bond, where),
      ...selectorProblems(bond, where),
    ];
  });
}

type Where = (...path: PropertyKey[]) => string;

function memberProblems({ interfaces, deviceSelectors }: Bond, where: Where): Problem[] {
  if ((interfaces === undefined) !== (deviceSelectors === undefined)) return [];
  const found = interfaces === undefined ? 'no links' : 'interfaces and deviceSelectors';
  const expected = 'exactly one of deviceSelectors, interfaces';
  return [{ where: where(), found, expected, fix: interfaces === undefined ? 'add one' : 'remove one' }];
}

function modeProblems(bond: Bond, where: Where): Problem[] {
  return (Object.entries(modesOf) as [keyof Bond, readonly Mode[]][]).flatMap(([key, modes]): Problem[] => {
    const value = bond[key];
    const hasEffect = value !== undefined && !(typeof value === 'number' && value <= (withoutEffect[key] ?? -1));
    if (!hasEffect || modes.includes(bond.mode)) return [];
    const expected = `nothing, because Talos refuses it in mode ${bond.mode}`;
    const fix = `remove it, or use mode ${modes.join(', ')}`;
    return [{ where: where(key), found: show(value), expected, fix }];
  });
}

function delayProblems({ miimon = 0, ...bond }: Bond, where: Where): Problem[] {
  return (['updelay', 'downdelay'] as const).flatMap((key): Problem[] => {
    const delay = bond[key] ?? 0;
    if (delay === 0 || (miimon > 0 && delay % miimon === 0)) return [];
    const expected = miimon > 0 ? `a multiple of miimon ${miimon}` : 'miimon next to it';
    const fix = miimon > 0 ? 'correct one of them' : 'add miimon';
    return [{ where: where(key), found: show(delay), expected, fix }];
  });
}

function selectorProblems({ deviceSelectors = [] }: Bond, where: Where): Problem[] {
  return deviceSelectors.flatMap((selector, index): Problem[] => {
    if (selector.hardwareAddr === undefined || Object.keys(selector).length > 1) return [];
    return [
      {
        where: where('deviceSelectors', index),
        found: 'only hardwareAddr',
        // siderolabs/talos#7331
        expected: 'a condition that only physical links meet: the bond and the VLAN on it take the same address',
        fix: 'use permanentAddr instead, or add driver, busPath or physical: true',
      },
    ];
  });
}
