import { addressNumber, covers, isHostAddress, overlaps } from '../net/addresses';
import { bondProblems } from './bondChecks';
import type { CheckedCluster } from './checkedCluster';
import { derivedProblems } from './derivedChecks';
import { dialHost, parseHostPort } from './dialOverrides';
import { insidePoolProblems, poolProblems } from './poolChecks';
import { type Problem, show } from './problems';
import type { Settings } from './settings';
import { storageProblems } from './storageChecks';
import { versionProblems } from './versionChecks';

/** Checks the sections and settings of one cluster against each other. */
export function clusterChecks(cluster: CheckedCluster): Problem[] {
  return [
    ...nameProblems(cluster),
    ...versionProblems(cluster),
    ...derivedProblems(cluster),
    ...nodeProblems(cluster),
    ...dialKeyProblems(cluster),
    ...dialProblems(cluster),
    ...networkProblems(cluster),
    ...bondProblems(cluster),
    ...imageProblems(cluster),
    ...rangeProblems(cluster),
    ...poolProblems(cluster),
    ...serviceProblems(cluster),
    ...storageProblems(cluster),
  ];
}

function nameProblems({ stack, settings: { name } }: CheckedCluster): Problem[] {
  if (name === undefined || name.value === stack) return [];
  return [
    {
      where: name.place,
      found: show(name.value),
      expected: `${show(stack)}, the name of the stack and its folder`,
      fix: 'correct it',
    },
  ];
}

function nodeProblems({ config, at, settings }: CheckedCluster): Problem[] {
  const { nodes } = config;
  if (nodes === undefined) return [];
  const problems: Problem[] = [];
  for (const key of ['name', 'address'] as const) {
    for (const { value, index, first } of duplicates(nodes.map((node) => node[key]))) {
      problems.push({
        where: at('nodes', index, key),
        found: show(value),
        expected: 'a value that no other node uses',
        fix: `change it, or nodes[${first}].${key}`,
      });
    }
  }
  nodes.forEach(({ address }, index) => {
    const where = at('nodes', index, 'address');
    problems.push(...outsideSubnetProblems(where, address, settings));
    if (address === config.network?.gateway) {
      problems.push({
        where,
        found: show(address),
        expected: 'an address other than network.gateway',
        fix: 'correct one of them',
      });
    }
    problems.push(...insidePoolProblems(where, address, settings));
  });
  const count = nodes.filter((node) => node.role === 'controlplane').length;
  if (count % 2 === 0) {
    problems.push({
      where: at('nodes'),
      found: `${count} control planes`,
      expected: 'an odd number, so that etcd keeps its quorum when members fail',
      fix: 'add or remove a node with role controlplane',
    });
  }
  return problems;
}

function outsideSubnetProblems(where: string, address: string, { nodeCidr }: Settings): Problem[] {
  if (nodeCidr === undefined || isHostAddress(nodeCidr.value, address)) return [];
  return [
    {
      where,
      found: show(address),
      expected: `a host address in ${nodeCidr.label} ${nodeCidr.value.text}`,
      fix: `correct it, or ${nodeCidr.place}`,
    },
  ];
}

/** Keys of `dialOverrides` that nothing would use: a host is a node's, dialled on several ports; anything else has a port. */
function dialKeyProblems({ config, at }: CheckedCluster): Problem[] {
  const { nodes, dialOverrides = {} } = config;
  if (nodes === undefined) return [];
  const addresses = new Set(nodes.map(({ address }) => address));
  return Object.keys(dialOverrides).flatMap((key): Problem[] => {
    const host = parseHostPort(key)?.host;
    const where = at('dialOverrides', key);
    if (host === undefined && !addresses.has(key)) {
      return [{ where, found: 'a key without a port', expected: "a node's address, or host:port", fix: 'correct it' }];
    }
    if (host !== undefined && addresses.has(host)) {
      const expected = 'a key without a port, because a node is dialled on several ports';
      return [{ where, found: "a port of a node's address", expected, fix: 'remove the ports' }];
    }
    return [];
  });
}

/** Two nodes that are dialled at the same address. `nodeProblems` reports two nodes that have the same address. */
function dialProblems({ config, at }: CheckedCluster): Problem[] {
  const { nodes = [], dialOverrides = {} } = config;
  return nodes.flatMap(({ name, address }, index): Problem[] => {
    const dialled = dialHost(address, dialOverrides);
    const other = nodes.find((node, i) => i !== index && dialHost(node.address, dialOverrides) === dialled);
    if (dialOverrides[address] === undefined || other === undefined || other.address === address) return [];
    return [
      {
        where: at('dialOverrides', address),
        found: show(dialled),
        expected: `a separate address for ${name}, because ${other.name} is dialled there too`,
        fix: 'correct it',
      },
    ];
  });
}

function networkProblems({ config: { network }, at, settings }: CheckedCluster): Problem[] {
  if (network === undefined) return [];
  const gateway = at('network', 'gateway');
  const problems = [
    ...outsideSubnetProblems(gateway, network.gateway, settings),
    ...insidePoolProblems(gateway, network.gateway, settings),
  ];
  if (network.vlan.mtu > network.mtu) {
    problems.push({
      where: at('network', 'vlan', 'mtu'),
      found: show(network.vlan.mtu),
      expected: `at most network.mtu ${network.mtu}, because the VLAN runs on the bond`,
      fix: 'lower it, or raise network.mtu',
    });
  }
  for (const { value, index, first } of duplicates(network.ethernet.map(({ name }) => name))) {
    problems.push({
      where: at('network', 'ethernet', index, 'name'),
      found: show(value),
      expected: 'a link that no other entry configures',
      fix: `change it, or network.ethernet[${first}].name`,
    });
  }
  return problems;
}

function imageProblems({ config: { image }, at }: CheckedCluster): Problem[] {
  if (image === undefined) return [];
  const problems: Problem[] = [];
  if ((image.installDisk === undefined) === (image.installDiskSelector === undefined)) {
    problems.push({
      where: at('image'),
      found: image.installDisk === undefined ? 'no install disk' : 'installDisk and installDiskSelector',
      expected: 'exactly one of installDisk, installDiskSelector',
      fix: image.installDisk === undefined ? 'add one (Talos wipes the disk that it is installed on)' : 'remove one',
    });
  }
  for (const key of ['kernelArgs', 'extensions'] as const) {
    for (const { value, index } of duplicates(image.schematic[key])) {
      problems.push({
        where: at('image', 'schematic', key, index),
        found: show(value),
        expected: 'no duplicates',
        fix: 'remove it',
      });
    }
  }
  return problems;
}

function rangeProblems({ settings }: CheckedCluster): Problem[] {
  const { nodeCidr, podCidr, serviceCidr, nativeRoutingCidr } = settings;
  const ranges = [nodeCidr, podCidr, serviceCidr].filter((range) => range !== undefined);
  const problems = ranges.flatMap((range, index) =>
    ranges
      .slice(0, index)
      .filter((other) => overlaps(range.value, other.value))
      .map((other) => ({
        where: range.place,
        found: show(range.value.text),
        expected: `a range that does not overlap ${other.label} ${other.value.text}`,
        fix: 'change one of them',
      })),
  );
  if (nativeRoutingCidr !== undefined && podCidr !== undefined && !covers(nativeRoutingCidr.value, podCidr.value)) {
    problems.push({
      where: nativeRoutingCidr.place,
      found: show(nativeRoutingCidr.value.text),
      expected: `a range that contains ${podCidr.label} ${podCidr.value.text}`,
      fix: 'widen it',
    });
  }
  return problems;
}

function serviceProblems({ settings: { serviceCidr, corednsClusterIp } }: CheckedCluster): Problem[] {
  if (serviceCidr === undefined || corednsClusterIp === undefined) return [];
  const { value: address, place: where } = corednsClusterIp;
  const found = show(address);
  if (!isHostAddress(serviceCidr.value, address)) {
    const expected = `an address in ${serviceCidr.label} ${serviceCidr.value.text}`;
    return [{ where, found, expected, fix: 'correct one of them' }];
  }
  if (addressNumber(address) !== serviceCidr.value.first + 1) return [];
  const expected = 'an address other than the first, which belongs to the Kubernetes API Service';
  return [{ where, found, expected, fix: 'choose another, such as the tenth' }];
}

/** The values that an earlier element of the list already has; `first` is the index of the earliest. */
function duplicates(values: readonly string[]): { value: string; index: number; first: number }[] {
  return values
    .map((value, index) => ({ value, index, first: values.indexOf(value) }))
    .filter(({ index, first }) => first < index);
}
