import { type AddressRange, cidrRange, contains, covers, overlaps } from '../net/addresses';
import type { CheckedCluster } from './checkedCluster';
import { type Problem, show } from './problems';
import { settingPool, settingRanges } from './settingRanges';
import { type Settings, type SettingsSource, parseSettings, settingKey, settingPlace } from './settings';

/** Another cluster of the platform. */
export interface OtherCluster {
  name: string;
  source: SettingsSource;
  /** Its nodes; empty if its stack's file is not at hand. */
  nodes: readonly { name: string; address: string }[];
  /** Whether it owns its domain's zone; unknown if its stack's file is not at hand. */
  ownsZone?: boolean;
}

/** Everything in which one cluster gets in the way of another. Wrong settings of the other are its own problem. */
export function crossClusterChecks(cluster: CheckedCluster, others: readonly OtherCluster[]): Problem[] {
  const pairs = others.flatMap((other) => {
    const { settings } = parseSettings(other.source);
    return [
      ...identityProblems(cluster, other, settings),
      ...rangeProblems(cluster, other, settings),
      ...nodeProblems(cluster, other, settings),
    ];
  });
  return [...pairs, ...zoneProblems(cluster, others)];
}

/** The zone's settings and the name without a cluster are one stack's, or two would undo each other's. */
function zoneProblems({ configFile, config, settings }: CheckedCluster, others: readonly OtherCluster[]): Problem[] {
  const { domain } = settings;
  const owns = config.cloudflare?.ownsZone;
  if (domain === undefined || owns === undefined) return [];
  const sharing = others.filter(({ source }) => parseSettings(source).settings.domain === domain);
  const owners = sharing.filter(({ ownsZone }) => ownsZone === true).map(({ name }) => name);
  const where = `${configFile} cloudflare.ownsZone`;
  if (owns && owners.length > 0) {
    const expected = `false, because ${owners.join(', ')} owns the zone ${domain}`;
    return [{ where, found: 'true', expected, fix: 'leave it true in one stack only' }];
  }
  const known = sharing.every(({ ownsZone }) => ownsZone !== undefined);
  if (owns || owners.length > 0 || !known) return [];
  const expected = `one stack that owns the zone ${domain}, and there is none`;
  return [{ where, found: 'false', expected, fix: 'set it to true in exactly one stack' }];
}

function identityProblems(cluster: CheckedCluster, other: OtherCluster, settings: Partial<Settings>): Problem[] {
  return (['name', 'id', 'apiHost'] as const)
    .filter((key) => cluster.settings[key] !== undefined && cluster.settings[key] === settings[key])
    .map((key) => ({
      where: settingPlace(cluster.source, key),
      found: show(cluster.source.values[settingKey(key)]),
      expected: `a value that no other cluster has (${other.name} has it)`,
      fix: `change it, or ${settingPlace(other.source, key)}`,
    }));
}

function rangeProblems(cluster: CheckedCluster, other: OtherCluster, settings: Partial<Settings>): Problem[] {
  const problems: Problem[] = [];
  const mine = labelled(cluster.settings);
  const theirs = labelled(settings);
  for (const [label, setting, range] of mine) {
    for (const [otherLabel, , otherRange] of theirs) {
      if (!overlaps(range, otherRange)) continue;
      // Clusters may share one subnet: the same one, and then the pools may lie in it.
      const shared = range.text === otherRange.text && label === 'NODE_CIDR' && otherLabel === 'NODE_CIDR';
      const poolInSubnet =
        (label === 'NODE_CIDR' && otherLabel === 'the pool') || (label === 'the pool' && otherLabel === 'NODE_CIDR');
      if (shared || poolInSubnet) continue;
      problems.push({
        where: settingPlace(cluster.source, setting),
        found: show(range.text),
        expected: `a range apart from ${otherLabel} ${otherRange.text} of ${other.name}`,
        fix: 'change one of them',
      });
    }
  }
  const native = cidrRange(cluster.settings.nativeRoutingCidr ?? '');
  const pods = cidrRange(settings.podCidr ?? '');
  if (native !== undefined && pods !== undefined && !covers(native, pods)) {
    problems.push({
      where: settingPlace(cluster.source, 'nativeRoutingCidr'),
      found: show(native.text),
      expected: `a range that holds POD_CIDR ${pods.text} of ${other.name} too, so that pods reach each other unmasked`,
      fix: 'widen it',
    });
  }
  return problems;
}

function nodeProblems(cluster: CheckedCluster, other: OtherCluster, settings: Partial<Settings>): Problem[] {
  const problems: Problem[] = [];
  const pool = settingPool(settings);
  (cluster.config.nodes ?? []).forEach((node, index) => {
    for (const key of ['name', 'address'] as const) {
      const at = other.nodes.findIndex((otherNode) => otherNode[key] === node[key]);
      if (at === -1) continue;
      problems.push({
        where: `${cluster.configFile} nodes[${index}].${key}`,
        found: show(node[key]),
        expected: `a value that no other cluster has (nodes[${at}] of ${other.name} has it)`,
        fix: 'change one of them',
      });
    }
    if (pool !== undefined && contains(pool, node.address)) {
      problems.push({
        where: `${cluster.configFile} nodes[${index}].address`,
        found: show(node.address),
        expected: `an address outside the load balancer pool ${pool.text} of ${other.name}`,
        fix: `correct it, or ${settingPlace(other.source, 'poolStart')} and ${settingKey('poolEnd')}`,
      });
    }
  });
  return problems;
}

function labelled(settings: Partial<Settings>): [label: string, setting: keyof Settings, range: AddressRange][] {
  const ranges = [...settingRanges(settings)].map(([setting, range]): [string, keyof Settings, AddressRange] => [
    settingKey(setting),
    setting,
    range,
  ]);
  const pool = settingPool(settings);
  return pool === undefined ? ranges : [...ranges, ['the pool', 'poolStart', pool]];
}
