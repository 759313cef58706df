import { groupOf, specOf, valueAt } from '../../kubernetesObject';
import type { TreeCluster, TreeObject } from '../../tree';
import { type Path, about } from '../about';
import type { Check, RawFinding } from '../check';
import { ciliums, isOn, settingOf } from './facts';
import { type AddressRange, networkOf, overlaps, poolRange } from '../../../net/addresses';
import { show } from '../show';

/** A block of addresses that load balancers get theirs from. */
interface Block {
  pool: TreeObject;
  path: Path;
  range: AddressRange;
}

/** The blocks of the pools of a cluster that are in use. */
function blocksOf(cluster: TreeCluster): Block[] {
  return cluster.objects.flatMap((pool) => {
    const { object } = pool;
    if (object.kind !== 'CiliumLoadBalancerIPPool' || groupOf(object) !== 'cilium.io') return [];
    const { blocks, disabled } = specOf(object);
    if (disabled === true || !Array.isArray(blocks)) return [];
    return blocks.flatMap((block, index) => {
      const text = (key: string): string => show(valueAt(block, key) ?? '');
      const range = networkOf(text('cidr')) ?? poolRange(text('start'), text('stop') || text('start'));
      return range === undefined ? [] : [{ pool, path: ['spec', 'blocks', index], range }];
    });
  });
}

/** Why neighbours would not find a load balancer's address; nothing if they do. */
function whyUnseen(cluster: TreeCluster): string | undefined {
  const [cilium] = ciliums(cluster);
  const announces = cluster.objects.some(
    ({ object }) =>
      object.kind === 'CiliumL2AnnouncementPolicy' &&
      groupOf(object) === 'cilium.io' &&
      specOf(object)['loadBalancerIPs'] === true,
  );
  if (!announces) return 'there is no CiliumL2AnnouncementPolicy with loadBalancerIPs';
  // Without a release in Git nobody knows.
  if (cilium === undefined || isOn(valueAt(cilium.values, 'l2announcements', 'enabled'))) return undefined;
  return 'Cilium has l2announcements off';
}

/** A pool among the nodes' own addresses that nobody answers for. */
export const poolWithoutL2: Check = {
  id: 'pool-without-l2',
  severity: 'error',
  set: 'platform',
  why: 'Nodes and all hosts beside them look for such an address by ARP, which BGP does not answer: the mesh cannot connect.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const nodes = networkOf(settingOf(cluster, 'NODE_CIDR') ?? '');
      const why = whyUnseen(cluster);
      if (nodes === undefined || why === undefined) continue;
      for (const { pool, path, range } of blocksOf(cluster)) {
        if (!overlaps(range, nodes)) continue;
        const what = `${range.text} lies in the nodes' own network ${nodes.text}, and ${why}`;
        const todo =
          'announce the addresses by L2 (policy, and l2announcements in the values of Cilium), or move the pool';
        yield about(tree, cluster, pool, path, what, todo);
      }
    }
  },
};

/** Pools of two clusters, or two of one, that give the same address. */
export const poolsOverlap: Check = {
  id: 'pools-overlap',
  severity: 'error',
  set: 'platform',
  why: 'Two Services would get the same address, and each answers for it now and then.',
  *run(tree): Generator<RawFinding> {
    const before: { cluster: TreeCluster; block: Block }[] = [];
    for (const cluster of tree.clusters) {
      for (const block of blocksOf(cluster)) {
        const other = before.find((one) => overlaps(one.block.range, block.range));
        before.push({ cluster, block });
        if (other === undefined) continue;
        const theirs = `${other.block.range.text} of ${other.block.pool.object.metadata.name} on ${other.cluster.name}`;
        const what = `${block.range.text} overlaps ${theirs}`;
        yield about(tree, cluster, block.pool, block.path, what, 'give each pool addresses of its own');
      }
    }
  },
};
