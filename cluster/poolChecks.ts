import { contains, isHostAddress, overlaps, poolRange } from '../net/addresses';
import type { CheckedCluster } from './checkedCluster';
import { type Problem, show } from './problems';
import { settingRanges } from './settingRanges';
import { settingKey, settingPlace } from './settings';

/** What is wrong with a cluster's load balancer addresses. */
export function poolProblems({ source, settings }: CheckedCluster): Problem[] {
  const { poolStart, poolEnd } = settings;
  if (poolStart === undefined || poolEnd === undefined) return [];
  const pool = poolRange(poolStart, poolEnd);
  const where = settingPlace(source, 'poolEnd');
  if (pool === undefined) {
    return [
      {
        where,
        found: show(poolEnd),
        expected: `an address from CILIUM_LB_POOL_START ${poolStart} on`,
        fix: 'correct one',
      },
    ];
  }
  const problems: Problem[] = [];
  const ranges = settingRanges(settings);
  for (const setting of ['podCidr', 'serviceCidr'] as const) {
    const range = ranges.get(setting);
    if (range === undefined || !overlaps(range, pool)) continue;
    problems.push({
      where,
      found: `the pool ${pool.text}`,
      expected: `a pool apart from ${settingKey(setting)} ${range.text}`,
      fix: 'change one of them',
    });
  }
  const subnet = ranges.get('nodeCidr');
  if (subnet !== undefined && overlaps(subnet, pool)) {
    const inside = isHostAddress(subnet, poolStart) && isHostAddress(subnet, poolEnd);
    if (!inside) {
      problems.push({
        where,
        found: `the pool ${pool.text}`,
        expected: `a pool wholly inside or wholly outside NODE_CIDR ${subnet.text}, without its first and last address`,
        fix: 'correct the pool',
      });
    }
    if (settings.l2Announcements === false) {
      problems.push({
        where: settingPlace(source, 'l2Announcements'),
        found: '"false"',
        expected: `"true", because the pool ${pool.text} lies in NODE_CIDR ${subnet.text}, where BGP reaches nobody`,
        fix: 'turn it on, or move the pool out of the subnet',
      });
    }
  }
  for (const key of ['CLUSTERMESH_IP', 'CILIUM_GATEWAY_LB_IP', 'CILIUM_GATEWAY_EXTERNAL_LB_IP']) {
    const address = source.values[key];
    if (address === undefined || contains(pool, address)) continue;
    problems.push({
      where: `${source.file}:${source.line(key) ?? 0} ${key}`,
      found: show(address),
      expected: `an address of the load balancer pool ${pool.text}`,
      fix: 'correct it, or the pool',
    });
  }
  return problems;
}
