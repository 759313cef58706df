import { valueAt } from '../../kubernetesObject';
import { isComplete } from '../../tree';
import { about } from '../about';
import type { Check, RawFinding } from '../check';
import { bringersOf } from '../ownership/crdOwners';
import { declaredKustomizations, readyBefore } from '../structure/dependencies';
import { ciliums, isOn, settingOf } from './facts';
import { covers, networkOf } from '../../../net/addresses';

/** Mesh and SPIRE, which upstream does not support together. */
export const meshAndSpire: Check = {
  id: 'mesh-and-spire',
  severity: 'error',
  set: 'platform',
  why: 'Cilium does not support mutual authentication between clusters that are meshed.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const { release, values } of ciliums(cluster)) {
        const path = ['authentication', 'mutual', 'spire', 'enabled'];
        const mesh = ['useAPIServer', 'config'].some((key) => {
          const value = valueAt(values, 'clustermesh', key);
          return isOn(key === 'config' ? valueAt(value, 'enabled') : value);
        });
        if (!mesh || !isOn(valueAt(values, ...path))) continue;
        const what = 'has ClusterMesh and SPIRE switched on together';
        yield about(tree, cluster, release, ['spec', 'values', ...path], what, 'switch one of them off');
      }
    }
  },
};

/** Native routing that leaves out pods of a cluster. */
export const nativeRoutingTooNarrow: Check = {
  id: 'native-routing-too-narrow',
  severity: 'error',
  set: 'platform',
  why: 'What goes to pods outside of it is masqueraded: the other cluster sees a node and its policies drop it.',
  *run(tree): Generator<RawFinding> {
    const pods = tree.clusters.flatMap((cluster) => {
      const range = networkOf(settingOf(cluster, 'POD_CIDR') ?? '');
      return range === undefined ? [] : [{ name: cluster.name, range }];
    });
    for (const cluster of tree.clusters) {
      for (const { release, values } of ciliums(cluster)) {
        const written = values['ipv4NativeRoutingCIDR'];
        const native = typeof written === 'string' ? networkOf(written) : undefined;
        if (values['routingMode'] !== 'native' || native === undefined) continue;
        const outside = pods.filter(({ range }) => !covers(native, range));
        if (outside.length === 0) continue;
        const what = `routes ${native.text} natively, which does not hold ${outside.map(({ name, range }) => `${range.text} of ${name}`).join(', ')}`;
        const todo = "widen NATIVE_ROUTING_CIDR to hold every cluster's POD_CIDR";
        yield about(tree, cluster, release, ['spec', 'values', 'ipv4NativeRoutingCIDR'], what, todo);
      }
    }
  },
};

const gatewayGroup = 'gateway.networking.k8s.io';

/** Cilium before the definitions that it looks for when it starts. */
export const gatewayCrdsAfterCilium: Check = {
  id: 'gateway-crds-after-cilium',
  severity: 'error',
  set: 'platform',
  why: "Cilium's operator looks for Gateway API once, when it starts: without its definitions there will be no gateway.",
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      if (!isComplete(cluster)) continue;
      for (const { release, values } of ciliums(cluster)) {
        if (!isOn(valueAt(values, 'gatewayAPI', 'enabled'))) continue;
        const before = readyBefore(cluster, release.kustomization);
        const bringers = bringersOf(cluster).get(gatewayGroup) ?? [];
        if (bringers.some(({ kustomization }) => before.has(kustomization))) continue;
        const declared =
          declaredKustomizations(cluster).find(([{ id }]) => id === release.kustomization)?.[1] ?? release;
        const [bringer] = bringers.map(({ kustomization }) => kustomization).sort();
        const what =
          bringer === undefined
            ? 'installs Cilium with Gateway API, whose definitions nothing here brings'
            : `installs Cilium with Gateway API, and does not depend on ${bringer}, which brings the definitions`;
        const todo = `depend on ${bringer?.split('/').at(-1) ?? 'what brings them'}`;
        yield about(tree, cluster, declared, ['spec', 'dependsOn'], what, todo);
      }
    }
  },
};
