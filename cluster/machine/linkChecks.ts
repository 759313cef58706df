import { type Problem, show } from '../problems';
import { linkName } from './bondSchema';
import { linksOf, nodeAddressSource, takenLinks } from './links';
import type { CheckedMachine } from './machines';

/** Checks that each link of a machine is one thing, and that its addresses are where Talos takes them. */
export function linkProblems(machine: CheckedMachine): Problem[] {
  return [...kindProblems(machine), ...nameProblems(machine), ...takenProblems(machine), ...vipProblems(machine)];
}

/** A link is one thing: found by its properties, or made. */
function kindProblems({ node, at }: CheckedMachine): Problem[] {
  return Object.entries(node.network.interfaces).flatMap(([name, link]): Problem[] => {
    const kinds = (['deviceSelector', 'bond', 'bridge'] as const).filter((kind) => link[kind] !== undefined);
    if (kinds.length < 2) return [];
    const expected =
      'at most one of deviceSelector, bond, bridge: a link is found by its properties, or made under its name';
    const where = at('network', 'interfaces', name);
    return [{ where, found: kinds.join(' and '), expected, fix: 'make them separate links' }];
  });
}

/** Without a device selector, the name is the kernel's. */
function nameProblems({ node, at }: CheckedMachine): Problem[] {
  return Object.entries(node.network.interfaces).flatMap(([name, { deviceSelector }]): Problem[] => {
    if (deviceSelector !== undefined || linkName.safeParse(name).success) return [];
    const expected = 'an interface name of at most 15 characters';
    const where = at('network', 'interfaces', name);
    return [{ where, found: `key ${show(name)}`, expected, fix: 'correct it, or add a deviceSelector' }];
  });
}

/** A link in a bond or a bridge is in one only, and has no addresses of its own. */
function takenProblems({ node, at }: CheckedMachine): Problem[] {
  const taken = takenLinks(node.network);
  const source = nodeAddressSource(node);
  const own = source.kind === 'link' ? source.link.name : undefined;
  const problems = Object.entries(node.network.interfaces).flatMap(([owner, { bond, bridge }]): Problem[] =>
    (['bond', 'bridge'] as const).flatMap((kind) => {
      const links = (kind === 'bond' ? bond?.interfaces : bridge?.interfaces) ?? [];
      return links.flatMap((link, index): Problem[] => {
        const other = taken.get(link);
        if (other === undefined || other === owner) return [];
        const where = at('network', 'interfaces', owner, kind, 'interfaces', index);
        const expected = `a link that is in no other bond or bridge than ${owner}; ${other} has it too`;
        return [{ where, found: show(link), expected, fix: 'remove it from one of them' }];
      });
    }),
  );
  const addressed = Object.entries(node.network.interfaces).flatMap(([name, link]): Problem[] => {
    const owner = taken.get(name);
    if (owner === undefined || link.ignore === true) return [];
    const says = (value: unknown): boolean => ![undefined, false].includes(value as undefined) && !isEmptyList(value);
    const keys = (['addresses', 'dhcp', 'vip'] as const).filter((key) => says(link[key]));
    const expected = `nothing, because ${name} is in ${owner}, which has the addresses`;
    return [
      ...keys.map((key) => ({
        where: at('network', 'interfaces', name, key),
        found: show(link[key]),
        expected,
        fix: `move it to ${owner}`,
      })),
      ...(own === name
        ? [
            {
              where: at('network', 'nodeAddressOn'),
              found: show(name),
              expected: `a link that is not in ${owner}`,
              fix: `use ${owner}`,
            },
          ]
        : []),
    ];
  });
  return [...problems, ...addressed];
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

function vipProblems({ node, at }: CheckedMachine): Problem[] {
  if (node.role === 'controlplane') return [];
  return linksOf(node.network).flatMap(({ path, settings: { vip } }): Problem[] => {
    if (vip === undefined) return [];
    const expected = 'nothing, because only control planes hold a virtual address';
    return [{ where: at('network', ...path, 'vip'), found: show(vip), expected, fix: 'move it to controlPlane' }];
  });
}
