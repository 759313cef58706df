import { cidrRange, contains, familyOf, isHostAddress } from '../../net/addresses';
import { insidePoolProblems } from '../poolChecks';
import { type Problem, show } from '../problems';
import { describeRanges, type Settings } from '../settings';
import { linksOf, nodeAddressSource } from './links';
import type { CheckedMachine } from './machines';

/** Checks the links of a machine against each other and against the cluster's ranges. */
export function networkProblems(machine: CheckedMachine, settings: Settings): Problem[] {
  return [...nodeAddressProblems(machine), ...gatewayProblems(machine, settings), ...mtuProblems(machine)];
}

function nodeAddressProblems({ node, at }: CheckedMachine): Problem[] {
  const source = nodeAddressSource(node);
  const names = (links: readonly { name: string }[]) => links.map(({ name }) => name).join(', ');
  const where = at('network', 'nodeAddressOn');
  if (source.kind === 'unknown') {
    const expected = `a link of network.interfaces: ${names(linksOf(node.network)) || 'it has none'}`;
    return [{ where, found: show(node.network.nodeAddressOn), expected, fix: 'correct it' }];
  }
  if (source.kind !== 'unclear') return [];
  const expected = `the link that gets the node's address: ${names(source.links)}`;
  return [{ where, found: 'nothing', expected, fix: 'add it, or write the address at one of them' }];
}

/** The routes of a machine that have a gateway. */
function gatewayProblems({ node, at }: CheckedMachine, settings: Settings): Problem[] {
  const source = nodeAddressSource(node);
  const own = source.kind === 'link' ? source.link.name : undefined;
  return linksOf(node.network).flatMap(({ name, path, settings: { routes = [] } }) =>
    routes.flatMap(({ gateway }, index): Problem[] => {
      if (gateway === undefined) return [];
      const where = at('network', ...path, 'routes', index, 'gateway');
      const problems = insidePoolProblems(where, gateway, settings);
      if (gateway === node.address) {
        const expected = `an address other than that of ${node.name}`;
        problems.push({ where, found: show(gateway), expected, fix: 'correct one of them' });
      }
      const { nodeCidr } = settings;
      if (name !== own || nodeCidr === undefined || isLinkLocal(gateway)) return problems;
      if (familyOf(gateway) !== familyOf(node.address)) return problems;
      const ownSubnets = nodeCidr.value.filter((subnet) => contains(subnet, node.address));
      const subnets = { ...nodeCidr, value: ownSubnets.length === 0 ? nodeCidr.value : ownSubnets };
      if (!subnets.value.some((subnet) => isHostAddress(subnet, gateway))) {
        const expected = `a host address in ${describeRanges(subnets)}`;
        problems.push({ where, found: show(gateway), expected, fix: `correct it, or ${nodeCidr.place}` });
      }
      return problems;
    }),
  );
}

function mtuProblems({ node, at }: CheckedMachine): Problem[] {
  return Object.entries(node.network.interfaces).flatMap(([name, { mtu, vlans = {} }]) =>
    Object.entries(vlans).flatMap(([id, vlan]): Problem[] => {
      if (vlan.mtu === undefined || mtu === undefined || vlan.mtu <= mtu) return [];
      return [
        {
          where: at('network', 'interfaces', name, 'vlans', id, 'mtu'),
          found: show(vlan.mtu),
          expected: `at most the ${mtu} of ${name}, because the VLAN runs on it`,
          fix: `lower it, or raise the mtu of ${name}`,
        },
      ];
    }),
  );
}

/** Whether a router's address is the one on the link itself, as most IPv6 routers advertise theirs. */
function isLinkLocal(address: string): boolean {
  const linkLocal = cidrRange('fe80::/10');
  return linkLocal !== undefined && contains(linkLocal, address);
}
