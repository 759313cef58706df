import { contains, isHostAddress, overlaps } from '../net/addresses';
import type { CheckedCluster } from './checkedCluster';
import { type Problem, show } from './problems';
import { optionalKeys, rangesOf, type Settings } from './settings';
import { listFileOf } from '../gitops/clusterSettings';
import { l2System } from './systemNames';
import { lists } from '../gitops/listedSystems';

/** Checks a cluster's load balancer addresses. A cluster without a pool has none. */
export function poolProblems({ stack, settings, systems }: CheckedCluster): Problem[] {
  const { poolStart, poolEnd, pool, nodeCidr, podCidr, serviceCidr } = settings;
  if (poolStart === undefined || poolEnd === undefined) return [];
  const where = poolEnd.place;
  if (pool === undefined) {
    const expected = `an address at or after ${poolStart.label} ${poolStart.value}`;
    return [{ where, found: show(poolEnd.value), expected, fix: 'correct one of them' }];
  }
  const { text } = pool.value;
  const found = `the pool ${text}`;
  const problems: Problem[] = [];
  for (const range of [podCidr, serviceCidr].flatMap(rangesOf)) {
    if (!overlaps(range.value, pool.value)) continue;
    const expected = `a pool that does not overlap ${range.label} ${range.value.text}`;
    problems.push({ where, found, expected, fix: 'change one of them' });
  }
  for (const { label, value: nodes } of rangesOf(nodeCidr).filter(({ value }) => overlaps(value, pool.value))) {
    const subnet = `${label} ${nodes.text}`;
    if (![poolStart, poolEnd].every(({ value }) => isHostAddress(nodes, value))) {
      const expected = `a pool entirely inside ${subnet}, except its first and last address, or entirely outside it`;
      problems.push({ where, found, expected, fix: 'correct the pool' });
    }
    if (systems?.variables.has(optionalKeys.poolEnd) && !lists(systems, l2System)) {
      problems.push({
        where,
        found,
        expected: `${l2System} in the cluster's list, because the pool is inside ${subnet}, whose hosts do not learn BGP routes`,
        fix: `add ../../systems/${l2System} to ${listFileOf(stack)}, or move the pool out of the subnet`,
      });
    }
  }
  for (const address of [settings.clusterMeshIp, settings.gatewayIp, settings.externalGatewayIp]) {
    if (address === undefined || contains(pool.value, address.value)) continue;
    problems.push({
      where: address.place,
      found: show(address.value),
      expected: `an address in the load balancer pool ${text}`,
      fix: 'correct it, or the pool',
    });
  }
  return problems;
}

/** A node or gateway address in the load balancer pool of its own cluster, or of the cluster named by `owner`. */
export function insidePoolProblems(where: string, address: string, { pool }: Settings, owner?: string): Problem[] {
  if (pool === undefined || !contains(pool.value, address)) return [];
  return [
    {
      where,
      found: show(address),
      expected: `an address outside the load balancer pool ${pool.value.text}${owner === undefined ? '' : ` of ${owner}`}`,
      fix: `correct it, or ${pool.place} and ${optionalKeys.poolEnd}`,
    },
  ];
}
