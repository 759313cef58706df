import { covers, overlaps } from '../net/addresses';
import type { CheckedCluster } from './checkedCluster';
import { insidePoolProblems } from './poolChecks';
import { type Problem, show } from './problems';
import { rangesOf, type Settings } from './settings';

/** Another cluster of the platform. */
export interface OtherCluster {
  name: string;
  /** Its valid settings; its own stack reports the invalid ones. Empty if they cannot be read. */
  settings: Settings;
  /** Its nodes; empty if its stack file does not exist or cannot be read. */
  nodes: readonly { name: string; address: string }[];
  /** Whether it owns its domain's zone; undefined if its stack file does not say. */
  ownsZone?: boolean;
}

/** Checks a cluster against the other clusters. */
export function crossClusterChecks(cluster: CheckedCluster, others: readonly OtherCluster[]): Problem[] {
  const pairs = others.flatMap((other) => [
    ...identityProblems(cluster, other),
    ...rangeProblems(cluster, other),
    ...nodeProblems(cluster, other),
  ]);
  return [...pairs, ...zoneProblems(cluster, others)];
}

/** A zone's settings and `external.<domain>` belong to one stack; two stacks would overwrite each other's. */
function zoneProblems({ config, at, settings }: CheckedCluster, others: readonly OtherCluster[]): Problem[] {
  const domain = settings.domain?.value;
  const owns = config.cloudflare?.ownsZone;
  if (domain === undefined || owns === undefined) return [];
  const sharing = others.filter((other) => other.settings.domain?.value === domain);
  const owners = sharing.filter(({ ownsZone }) => ownsZone === true).map(({ name }) => name);
  const where = at('cloudflare', 'ownsZone');
  if (owns && owners.length > 0) {
    const expected = `false, because ${owners.join(', ')} owns zone ${domain}`;
    return [{ where, found: 'true', expected, fix: 'set it to true in one stack only' }];
  }
  // A cluster whose domain is not known may own the zone, unless its stack file says that it owns none.
  const known = others.every(
    ({ ownsZone, settings: theirs }) =>
      ownsZone === false || (theirs.domain !== undefined && theirs.domain.value !== domain),
  );
  if (owns || owners.length > 0 || !known) return [];
  const expected = `exactly one stack to own zone ${domain}, but none does`;
  return [{ where, found: 'false', expected, fix: 'set it to true in one stack' }];
}

function identityProblems({ settings }: CheckedCluster, other: OtherCluster): Problem[] {
  return (['name', 'id', 'apiHost'] as const).flatMap((key) => {
    const [ours, theirs] = [settings[key], other.settings[key]];
    if (ours === undefined || theirs === undefined || ours.value !== theirs.value) return [];
    return [
      {
        where: ours.place,
        found: show(String(ours.value)),
        expected: `a value that no other cluster uses (${other.name} uses it)`,
        fix: `change it, or ${theirs.place}`,
      },
    ];
  });
}

function rangeProblems({ settings: ours }: CheckedCluster, { name, settings: theirs }: OtherCluster): Problem[] {
  const problems: Problem[] = [];
  for (const range of ranges(ours)) {
    for (const other of ranges(theirs)) {
      if (!overlaps(range.value, other.value)) continue;
      const kinds = [range.kind, other.kind];
      // Clusters may share a subnet, but only the same one, and their pools may be in it.
      const sameSubnet = kinds.every((kind) => kind === 'nodes') && range.value.text === other.value.text;
      const poolInSubnet = kinds.includes('nodes') && kinds.includes('pool');
      if (sameSubnet || poolInSubnet) continue;
      problems.push({
        where: range.place,
        found: show(range.value.text),
        expected: `a range that does not overlap ${other.label} ${other.value.text} of ${name}`,
        fix: 'change one of them',
      });
    }
  }
  // Outside a mesh, pods of one cluster do not reach those of another.
  const native = [ours, theirs].every(({ clusterMeshEnabled }) => clusterMeshEnabled?.value === true)
    ? ours.nativeRoutingCidr
    : undefined;
  for (const pods of rangesOf(theirs.podCidr)) {
    if (native === undefined || native.value.family !== pods.value.family || covers(native.value, pods.value)) continue;
    problems.push({
      where: native.place,
      found: show(native.value.text),
      expected: `a range that also contains ${pods.label} ${pods.value.text} of ${name}, so that traffic between pods is not masqueraded`,
      fix: 'widen it',
    });
  }
  return problems;
}

function nodeProblems({ config, at }: CheckedCluster, other: OtherCluster): Problem[] {
  return (config.nodes ?? []).flatMap((node, index) => {
    const duplicates = (['name', 'address'] as const).flatMap((key) => {
      const otherIndex = other.nodes.findIndex((otherNode) => otherNode[key] === node[key]);
      if (otherIndex === -1) return [];
      return [
        {
          where: at('nodes', index, key),
          found: show(node[key]),
          expected: `a value that no other cluster uses (nodes[${otherIndex}] of ${other.name} uses it)`,
          fix: 'change one of them',
        },
      ];
    });
    const where = at('nodes', index, 'address');
    return [...duplicates, ...insidePoolProblems(where, node.address, other.settings, other.name)];
  });
}

/** All ranges of a cluster, with what they are for. */
function ranges({ nodeCidr, podCidr, serviceCidr, pool }: Settings) {
  return [
    ...rangesOf(nodeCidr).map((range) => ({ ...range, kind: 'nodes' })),
    ...[podCidr, serviceCidr].flatMap(rangesOf).map((range) => ({ ...range, kind: 'other' })),
    ...(pool === undefined ? [] : [{ ...pool, kind: 'pool' }]),
  ];
}
