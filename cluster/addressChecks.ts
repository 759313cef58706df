import {
  type AddressFamily,
  type AddressRange,
  addressNumber,
  addressText,
  covers,
  familyOf,
  isHostAddress,
  overlaps,
  prefixLength,
} from '../net/addresses';
import type { CheckedCluster } from './checkedCluster';
import { type Problem, show } from './problems';
import { describeRanges, type Located, rangesOf, type Settings } from './settings';

/** Checks a cluster's ranges of addresses, IPv4, IPv6 or both, against each other and against its nodes. */
export function addressProblems(cluster: CheckedCluster): Problem[] {
  return [
    ...rangeProblems(cluster),
    ...familyProblems(cluster),
    ...nodeFamilyProblems(cluster),
    ...podRangeProblems(cluster),
    ...serviceRangeProblems(cluster),
    ...dnsProblems(cluster),
  ];
}

/** An address of a node or gateway that no subnet of the nodes has for hosts. */
export function outsideSubnetProblems(where: string, address: string, { nodeCidr }: Settings): Problem[] {
  if (nodeCidr === undefined || nodeCidr.value.some((subnet) => isHostAddress(subnet, address))) return [];
  return [
    {
      where,
      found: show(address),
      expected: `a host address in ${describeRanges(nodeCidr)}`,
      fix: `correct it, or ${nodeCidr.place}`,
    },
  ];
}

/** The families of a setting's ranges, in their order and once each. */
function familiesOf(ranges: readonly AddressRange[]): AddressFamily[] {
  return [...new Set(ranges.map(({ family }) => family))];
}

function rangeProblems({ settings }: CheckedCluster): Problem[] {
  const { nodeCidr, podCidr, serviceCidr, nativeRoutingCidr } = settings;
  const ranges = [nodeCidr, podCidr, serviceCidr].flatMap(rangesOf);
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
  if (nativeRoutingCidr === undefined || podCidr === undefined) return problems;
  const { family } = nativeRoutingCidr.value;
  const pods = rangesOf(podCidr).filter(({ value }) => value.family === family);
  const where = nativeRoutingCidr.place;
  const found = show(nativeRoutingCidr.value.text);
  if (pods.length === 0) {
    const expected = `a range of a family that ${describeRanges(podCidr)} has`;
    problems.push({ where, found, expected, fix: 'correct it' });
  }
  for (const range of pods.filter(({ value }) => !covers(nativeRoutingCidr.value, value))) {
    problems.push({
      where,
      found,
      expected: `a range that contains ${range.label} ${range.value.text}`,
      fix: 'widen it',
    });
  }
  return problems;
}

/** Kubernetes takes one range of each family, and the first family is that of Services and of a pod's first address. */
function familyProblems({ settings: { nodeCidr, podCidr, serviceCidr } }: CheckedCluster): Problem[] {
  const problems: Problem[] = [];
  for (const ranges of [podCidr, serviceCidr]) {
    if (ranges === undefined || ranges.value.length === familiesOf(ranges.value).length) continue;
    problems.push({
      where: ranges.place,
      found: show(textOf(ranges)),
      expected: 'at most one IPv4 and one IPv6 range: Kubernetes takes no more',
      fix: 'keep one of each family, wide enough',
    });
  }
  if (podCidr === undefined) return problems;
  const families = familiesOf(podCidr.value);
  if (serviceCidr !== undefined && familiesOf(serviceCidr.value).join() !== families.join()) {
    problems.push({
      where: serviceCidr.place,
      found: show(textOf(serviceCidr)),
      expected: `ranges of ${families.join(' and then ')}, the families of ${describeRanges(podCidr)} in their order`,
      fix: 'correct one of them',
    });
  }
  const nodeFamilies = nodeCidr === undefined ? families : familiesOf(nodeCidr.value);
  for (const family of families.filter((one) => !nodeFamilies.includes(one))) {
    problems.push({
      where: podCidr.place,
      found: show(textOf(podCidr)),
      expected: `no ${family} range, because NODE_CIDR has none, and nodes route pods at an address of the same family`,
      fix: `add a subnet of the nodes to ${nodeCidr?.place}, or remove the range`,
    });
  }
  return problems;
}

/** API servers advertise the address of their node, and refuse Services whose first family is another. */
function nodeFamilyProblems({ config: { nodes = [] }, at, settings: { serviceCidr } }: CheckedCluster): Problem[] {
  const first = serviceCidr?.value[0];
  if (first === undefined) return [];
  return nodes.flatMap(({ address }, index) => {
    if (familyOf(address) === first.family) return [];
    return [
      {
        where: at('nodes', index, 'address'),
        found: show(address),
        expected: `an ${first.family} address, the family of the first SERVICE_CIDR ${first.text}`,
        fix: 'correct it, or change the order of SERVICE_CIDR and POD_CIDR',
      },
    ];
  });
}

/** The range that kube-controller-manager gives each node by default (--node-cidr-mask-size-ipv4 and -ipv6). */
const nodePodPrefix = { IPv4: 24, IPv6: 64 } as const;
/** kube-controller-manager cuts at most 2^16 IPv6 ranges (clusterSubnetMaxDiff in cidr_set.go of Kubernetes 1.34). */
const widestIPv6PodPrefix = 48;

function podRangeProblems({ config: { nodes }, settings: { podCidr } }: CheckedCluster): Problem[] {
  return rangesOf(podCidr).flatMap(({ place, value }) => {
    const forNode = nodePodPrefix[value.family];
    const prefix = prefixLength(value.text);
    const found = show(value.text);
    if (value.family === 'IPv6' && prefix < widestIPv6PodPrefix) {
      const expected = `at most a /${widestIPv6PodPrefix}: kube-controller-manager cannot divide a wider one into a /${forNode} for each node`;
      return [{ where: place, found, expected, fix: 'narrow it' }];
    }
    const parts = Math.floor(2 ** (forNode - prefix));
    if (nodes === undefined || nodes.length <= parts) return [];
    const expected = `a range with a /${forNode} for each of the ${nodes.length} nodes; it has ${parts}`;
    return [{ where: place, found, expected, fix: 'widen it' }];
  });
}

/** API servers before 1.34 keep a bitmap of each range (validateClusterIPFlags in cmd/kube-apiserver). */
function serviceRangeProblems({ settings: { serviceCidr, kubernetesVersion } }: CheckedCluster): Problem[] {
  if (kubernetesVersion === undefined || Number(kubernetesVersion.value.split('.')[1]) >= 34) return [];
  return rangesOf(serviceCidr).flatMap(({ place, value }) => {
    const longest = (value.family === 'IPv4' ? 32 : 128) - 20;
    if (prefixLength(value.text) >= longest) return [];
    const expected = `at most a /${longest}: API servers before Kubernetes 1.34 take no wider range`;
    return [{ where: place, found: show(value.text), expected, fix: 'narrow it' }];
  });
}

/** Kubelets and pods know one address of CoreDNS, which is in the first range. */
function dnsProblems({ settings: { serviceCidr, corednsClusterIp } }: CheckedCluster): Problem[] {
  const range = serviceCidr?.value[0];
  if (range === undefined || corednsClusterIp === undefined) return [];
  const { value: address, place: where } = corednsClusterIp;
  const found = show(address);
  if (!isHostAddress(range, address)) {
    const which = serviceCidr?.value.length === 1 ? '' : 'the first ';
    const expected = `an address in ${which}SERVICE_CIDR ${range.text}`;
    return [{ where, found, expected, fix: 'correct one of them' }];
  }
  if (addressNumber(address) !== range.first + 1n) return [];
  const expected = 'an address other than the first, which belongs to the Kubernetes API Service';
  return [{ where, found, expected, fix: `choose another, such as ${addressText(range.first + 10n, range.family)}` }];
}

function textOf({ value }: Located<readonly AddressRange[]>): string {
  return value.map(({ text }) => text).join(',');
}
