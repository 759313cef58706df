import { addressNumber, cidrRange, contains, covers, isHostAddress, overlaps } from '../net/addresses';
import type { CheckedCluster } from './checkedCluster';
import { poolProblems } from './poolChecks';
import { type Problem, show } from './problems';
import { settingPool, settingRanges } from './settingRanges';
import { settingKey, settingPlace } from './settings';
import { storageProblems } from './storageChecks';

/** Everything about one cluster that only shows when its parts are held against each other. */
export function crossChecks(cluster: CheckedCluster): Problem[] {
  return [
    ...nameProblems(cluster),
    ...nodeProblems(cluster),
    ...networkProblems(cluster),
    ...imageProblems(cluster),
    ...rangeProblems(cluster),
    ...poolProblems(cluster),
    ...serviceProblems(cluster),
    ...storageProblems(cluster),
  ];
}

function nameProblems({ stack, source, settings }: CheckedCluster): Problem[] {
  if (settings.name === undefined || settings.name === stack) return [];
  return [
    {
      where: settingPlace(source, 'name'),
      found: show(settings.name),
      expected: `${show(stack)}, the name of the stack and of the folder`,
      fix: 'correct it',
    },
  ];
}

function nodeProblems({ configFile, config, source, settings }: CheckedCluster): Problem[] {
  const { nodes } = config;
  if (nodes === undefined) return [];
  const problems: Problem[] = [];
  for (const key of ['name', 'address', 'endpoint'] as const) {
    nodes.forEach((node, index) => {
      const first = nodes.findIndex((other) => other[key] === node[key]);
      if (node[key] === undefined || first === index) return;
      problems.push({
        where: `${configFile} nodes[${index}].${key}`,
        found: show(node[key]),
        expected: 'a value that no other node has',
        fix: `change it, or that of nodes[${first}]`,
      });
    });
  }
  const subnet = cidrRange(settings.nodeCidr ?? '');
  const pool = settingPool(settings);
  nodes.forEach((node, index) => {
    const where = `${configFile} nodes[${index}].address`;
    const found = show(node.address);
    if (subnet !== undefined && !isHostAddress(subnet, node.address)) {
      problems.push({
        where,
        found,
        expected: `a host address in NODE_CIDR ${subnet.text}`,
        fix: `correct it, or ${settingPlace(source, 'nodeCidr')}`,
      });
    }
    if (node.address === config.network?.gateway) {
      problems.push({ where, found, expected: 'an address other than network.gateway', fix: 'correct one of them' });
    }
    if (pool !== undefined && contains(pool, node.address)) {
      problems.push({
        where,
        found,
        expected: `an address outside the load balancer pool ${pool.text}`,
        fix: `correct it, or ${settingPlace(source, 'poolStart')} and ${settingKey('poolEnd')}`,
      });
    }
  });
  const count = nodes.filter((node) => node.role === 'controlplane').length;
  if (count % 2 === 0) {
    problems.push({
      where: `${configFile} nodes`,
      found: `${count} control planes`,
      expected: 'an odd number, so that etcd can lose members and keep a majority',
      fix: 'add or remove a node with role controlplane',
    });
  }
  return problems;
}

function networkProblems({ configFile, config, source, settings }: CheckedCluster): Problem[] {
  const { network } = config;
  if (network === undefined) return [];
  const problems: Problem[] = [];
  const subnet = cidrRange(settings.nodeCidr ?? '');
  if (subnet !== undefined && !isHostAddress(subnet, network.gateway)) {
    problems.push({
      where: `${configFile} network.gateway`,
      found: show(network.gateway),
      expected: `a host address in NODE_CIDR ${subnet.text}`,
      fix: `correct it, or ${settingPlace(source, 'nodeCidr')}`,
    });
  }
  const pool = settingPool(settings);
  if (pool !== undefined && contains(pool, network.gateway)) {
    problems.push({
      where: `${configFile} network.gateway`,
      found: show(network.gateway),
      expected: `an address outside the load balancer pool ${pool.text}`,
      fix: `correct it, or ${settingPlace(source, 'poolStart')} and ${settingKey('poolEnd')}`,
    });
  }
  if (network.vlan.mtu > network.mtu) {
    problems.push({
      where: `${configFile} network.vlan.mtu`,
      found: show(network.vlan.mtu),
      expected: `at most network.mtu ${network.mtu}, because the VLAN runs on the bond`,
      fix: 'lower it, or raise network.mtu',
    });
  }
  network.ethernet.forEach((link, index) => {
    const first = network.ethernet.findIndex((other) => other.name === link.name);
    if (first === index) return;
    problems.push({
      where: `${configFile} network.ethernet[${index}].name`,
      found: show(link.name),
      expected: 'a link of its own',
      fix: `change it, or that of network.ethernet[${first}]`,
    });
  });
  return problems;
}

function imageProblems({ configFile, config }: CheckedCluster): Problem[] {
  const { image } = config;
  if (image === undefined) return [];
  const problems: Problem[] = [];
  if ((image.installDisk === undefined) === (image.installDiskSelector === undefined)) {
    problems.push({
      where: `${configFile} image`,
      found: image.installDisk === undefined ? 'no install disk' : 'installDisk and installDiskSelector',
      expected: 'one of installDisk, installDiskSelector',
      fix: image.installDisk === undefined ? 'add one: Talos wipes the disk that it installs on' : 'remove one',
    });
  }
  for (const key of ['kernelArgs', 'extensions'] as const) {
    image.schematic[key].forEach((entry, index) => {
      if (image.schematic[key].indexOf(entry) === index) return;
      problems.push({
        where: `${configFile} image.schematic.${key}[${index}]`,
        found: show(entry),
        expected: 'each entry once',
        fix: 'remove it',
      });
    });
  }
  return problems;
}

function rangeProblems({ source, settings }: CheckedCluster): Problem[] {
  const problems: Problem[] = [];
  const ranges = [...settingRanges(settings)];
  ranges.forEach(([setting, range], index) => {
    for (const [other, otherRange] of ranges.slice(0, index)) {
      if (!overlaps(range, otherRange)) continue;
      problems.push({
        where: settingPlace(source, setting),
        found: show(range.text),
        expected: `a range apart from ${settingKey(other)} ${otherRange.text}`,
        fix: 'change one of them',
      });
    }
  });
  const native = cidrRange(settings.nativeRoutingCidr ?? '');
  const pods = cidrRange(settings.podCidr ?? '');
  if (native !== undefined && pods !== undefined && !covers(native, pods)) {
    problems.push({
      where: settingPlace(source, 'nativeRoutingCidr'),
      found: show(native.text),
      expected: `a range that holds POD_CIDR ${pods.text}`,
      fix: 'widen it',
    });
  }
  return problems;
}

function serviceProblems({ source, settings }: CheckedCluster): Problem[] {
  const services = cidrRange(settings.serviceCidr ?? '');
  const { corednsClusterIp: address } = settings;
  if (services === undefined || address === undefined) return [];
  const where = settingPlace(source, 'corednsClusterIp');
  if (!isHostAddress(services, address)) {
    return [
      {
        where,
        found: show(address),
        expected: `an address in SERVICE_CIDR ${services.text}`,
        fix: 'correct one of them',
      },
    ];
  }
  if (addressNumber(address) !== services.first + 1) return [];
  return [
    {
      where,
      found: show(address),
      expected: 'another than the first address, which is the Kubernetes API service',
      fix: 'choose another, such as the tenth',
    },
  ];
}
