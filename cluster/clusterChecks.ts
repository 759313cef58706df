import { addressProblems, outsideSubnetProblems } from './addressChecks';
import { apiEndpointProblems } from './apiEndpointChecks';
import type { CheckedCluster } from './checkedCluster';
import { derivedProblems } from './derivedChecks';
import { dialHost, parseHostPort } from './dialOverrides';
import { bondProblems } from './machine/bondChecks';
import { installProblems } from './machine/installChecks';
import { linkProblems } from './machine/linkChecks';
import { onceEach } from './machine/machines';
import { networkProblems } from './machine/networkChecks';
import { volumeProblems } from './machine/volumeChecks';
import { gitProblems } from './gitChecks';
import { insidePoolProblems, poolProblems } from './poolChecks';
import { type Problem, show } from './problems';
import { storageProblems } from './storageChecks';
import { systemProblems } from './systemChecks';
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
    ...machineProblems(cluster),
    ...addressProblems(cluster),
    ...apiEndpointProblems(cluster),
    ...poolProblems(cluster),
    ...storageProblems(cluster),
    ...gitProblems(cluster),
    ...systemProblems(cluster),
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
    problems.push(...insidePoolProblems(where, address, settings));
  });
  const controlPlanes = nodes.filter((node) => node.role === 'controlplane');
  const leaving = controlPlanes.filter((node) => node.leaving).length;
  const found = leaving === 0 ? `${controlPlanes.length} control planes` : 'control planes that all leave';
  // While one leaves, the number is in between.
  if (leaving === controlPlanes.length || (controlPlanes.length % 2 === 0 && leaving === 0)) {
    problems.push({
      where: at('nodes'),
      found,
      expected: 'an odd number that stay, so that etcd keeps its quorum when members fail',
      fix: 'add or remove a node with role controlplane',
    });
  }
  return problems;
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

/** What is wrong with machines as all levels describe them. A level's problem is one of all its machines, but reported once. */
function machineProblems(cluster: CheckedCluster): Problem[] {
  const ofEach = (cluster.machines ?? []).flatMap((machine) => [
    ...networkProblems(machine, cluster.settings),
    ...linkProblems(machine),
    ...bondProblems(machine),
    ...volumeProblems(machine, cluster.settings.talosVersion?.value),
  ]);
  return onceEach([...ofEach, ...installProblems(cluster), ...schedulingProblems(cluster)]);
}

/** The first worker must not silently taint control planes that took workloads until then. */
function schedulingProblems({ config: { nodes, allowSchedulingOnControlPlanes }, at }: CheckedCluster): Problem[] {
  if (nodes === undefined || allowSchedulingOnControlPlanes !== undefined) return [];
  if (nodes.every(({ role }) => role === 'controlplane')) return [];
  return [
    {
      where: at('allowSchedulingOnControlPlanes'),
      found: 'nothing',
      expected: 'true or false, because there are workers: whether control planes take workloads too',
      fix: 'add it; without workers it was true',
    },
  ];
}

/** The values that an earlier element of the list already has; `first` is the index of the earliest. */
function duplicates(values: readonly string[]): { value: string; index: number; first: number }[] {
  return values
    .map((value, index) => ({ value, index, first: values.indexOf(value) }))
    .filter(({ index, first }) => first < index);
}
