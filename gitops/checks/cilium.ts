import { covers, networkOf, networksOf } from '../../net/addresses';
import { type Json, type JsonMap, listOf, valueAt } from '../kubernetesObject';
import type { Check, RawFinding } from './check';
import { ciliumReleases, isOn } from './facts/charts';
import { crdProvidersOf } from './facts/crdProviders';
import { declaredKustomizations, readyBefore } from './facts/dependencies';
import { settingOf } from './facts/settings';
import { findingAt, show } from './finding';

/** A wrong value of the Cilium chart; the path is relative to the values. */
interface WrongValue {
  path: string[];
  what: string;
  todo: string;
}

/** The values that make the Cilium chart (1.18) create its own CA, taking its defaults into account. */
export function ownCaValues(values: JsonMap): WrongValue[] {
  const wrong: WrongValue[] = [];
  const on = (fallback: boolean, ...path: string[]): boolean => (valueAt(values, ...path) ?? fallback) === true;
  const methodPaths: string[][] = [];
  if (
    on(true, 'hubble', 'enabled') &&
    on(true, 'hubble', 'tls', 'enabled') &&
    on(true, 'hubble', 'tls', 'auto', 'enabled')
  )
    methodPaths.push(['hubble', 'tls', 'auto', 'method']);
  if (on(false, 'clustermesh', 'useAPIServer') && on(true, 'clustermesh', 'apiserver', 'tls', 'auto', 'enabled'))
    methodPaths.push(['clustermesh', 'apiserver', 'tls', 'auto', 'method']);
  const methods = methodPaths.map((path) => ({ path, method: valueAt(values, ...path) ?? 'helm' }));
  for (const { path, method } of methods) {
    if (method !== 'helm') continue;
    wrong.push({
      path,
      what: `renders certificates and a CA with the chart (${path.join('.')}: helm)`,
      todo: `set ${path.join('.')} to cronJob`,
    });
  }
  if (methods.some(({ method }) => method === 'cronJob') && on(true, 'certgen', 'generateCA')) {
    wrong.push({
      path: ['certgen', 'generateCA'],
      what: 'lets the certificate job generate a CA',
      todo: 'set certgen.generateCA to false',
    });
  }
  for (const field of ['cert', 'key']) {
    const value = valueAt(values, 'tls', 'ca', field);
    if (value === undefined || value === '' || value === null) continue;
    wrong.push({ path: ['tls', 'ca', field], what: `sets tls.ca.${field}`, todo: `remove tls.ca.${field}` });
  }
  return wrong;
}

/** Cilium with its own CA. */
export const ciliumMakesCa: Check = {
  id: 'cilium-makes-ca',
  severity: 'error',
  set: 'platform',
  why: 'All clusters share one CA, which the program seeds as Secret cilium-ca; a different one breaks the mesh.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const { release, values } of ciliumReleases(cluster)) {
        for (const { path, what, todo } of ownCaValues(values)) {
          yield findingAt(tree, cluster, release, ['spec', 'values', ...path], what, todo);
        }
      }
    }
  },
};

/** Where the Cilium chart reads its trust bundle by default. */
const chartBundle = { name: 'cilium-root-ca.crt', key: 'ca.crt' };

/** The values that keep the Cilium chart (1.18) from trusting the program's ConfigMap, taking its defaults into account. */
export function wrongTrustBundleValues(values: JsonMap, seeded: { name: string; key: string }): WrongValue[] {
  const bundle = (field: string): Json | undefined => valueAt(values, 'tls', 'caBundle', field);
  const path = (field: string): string[] => ['tls', 'caBundle', field];
  const configMap = `ConfigMap ${seeded.name}`;
  if (bundle('enabled') !== true) {
    const what = `trusts only the CA that issued its own certificates, not those in ${configMap}`;
    return [{ path: path('enabled'), what, todo: 'set tls.caBundle.enabled to true' }];
  }
  const wrong: WrongValue[] = [];
  const content = bundle('content');
  if (content !== undefined && content !== null && content !== '') {
    wrong.push({ path: path('content'), what: `renders ${configMap} itself`, todo: 'remove tls.caBundle.content' });
  }
  for (const field of ['name', 'key'] as const) {
    const value = bundle(field) ?? chartBundle[field];
    if (value === seeded[field]) continue;
    const what = `reads its trust bundle from ${field} ${show(value)}, but the program seeds ${seeded[field]}`;
    wrong.push({ path: path(field), what, todo: `set tls.caBundle.${field} to ${seeded[field]}` });
  }
  if (bundle('useSecret') === true) {
    const what = `reads its trust bundle from a Secret, but the program seeds ${configMap}`;
    wrong.push({ path: path('useSecret'), what, todo: 'remove tls.caBundle.useSecret' });
  }
  return wrong;
}

/** Cilium that does not trust the bundle that the program seeds. */
export const ciliumTrustsElsewhere: Check = {
  id: 'cilium-trusts-elsewhere',
  severity: 'error',
  set: 'platform',
  why: 'During a CA rotation, the ConfigMap that the program seeds makes Cilium trust both the old and the new CA; without it, nodes and clusters lose each other.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const { release, values } of ciliumReleases(cluster)) {
        // The chart reads it from its own namespace.
        const seeded = tree.program?.configMaps.find(
          ({ namespace }) => namespace === release.object.metadata.namespace,
        );
        if (seeded === undefined) continue;
        for (const { path, what, todo } of wrongTrustBundleValues(values, seeded)) {
          yield findingAt(tree, cluster, release, ['spec', 'values', ...path], what, todo);
        }
      }
    }
  },
};

/** Whether a release of Cilium joins a mesh. */
function isMeshed(values: Json): boolean {
  return (
    isOn(valueAt(values, 'clustermesh', 'useAPIServer')) || isOn(valueAt(values, 'clustermesh', 'config', 'enabled'))
  );
}

/** ClusterMesh and SPIRE, which upstream does not support together. */
export const meshAndSpire: Check = {
  id: 'mesh-and-spire',
  severity: 'error',
  set: 'platform',
  why: 'Cilium does not support mutual authentication across clusters in a ClusterMesh.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const { release, values } of ciliumReleases(cluster)) {
        const path = ['authentication', 'mutual', 'spire', 'enabled'];
        if (!isMeshed(values) || !isOn(valueAt(values, ...path))) continue;
        const what = 'enables both ClusterMesh and SPIRE';
        yield findingAt(tree, cluster, release, ['spec', 'values', ...path], what, 'disable one of them');
      }
    }
  },
};

/** A peer of the mesh that is the cluster itself, or that is nowhere in Git. */
export const meshPeerUnknown: Check = {
  id: 'mesh-peer-unknown',
  severity: 'error',
  set: 'platform',
  why: 'Cilium tries to connect to it forever, and the alert about a lost cluster never ends.',
  needs: 'wholeTree',
  *run(tree): Generator<RawFinding> {
    const nameOf = (values: Json): Json | undefined => valueAt(values, 'cluster', 'name');
    const known = new Set(
      tree.clusters.flatMap((cluster) => ciliumReleases(cluster).map(({ values }) => nameOf(values))),
    );
    for (const cluster of tree.clusters) {
      for (const { release, values } of ciliumReleases(cluster)) {
        const path = ['clustermesh', 'config', 'clusters'];
        for (const peer of listOf(valueAt(values, ...path)).map((entry) => valueAt(entry, 'name'))) {
          const itself = peer === nameOf(values);
          if (typeof peer !== 'string' || (known.has(peer) && !itself)) continue;
          const what = `has the peer ${peer}, which is ${itself ? 'this cluster itself' : 'no cluster of this repository'}`;
          const todo = 'correct its name in CLUSTERMESH_PEERS, or remove it there';
          yield findingAt(tree, cluster, release, ['spec', 'values', ...path], what, todo);
        }
      }
    }
  },
};

/** A native routing CIDR that excludes the pods of a cluster. */
export const nativeRoutingTooNarrow: Check = {
  id: 'native-routing-too-narrow',
  severity: 'error',
  set: 'platform',
  why: 'Traffic to pods outside the CIDR is masqueraded: the other cluster sees a node address, and its policies drop it.',
  *run(tree): Generator<RawFinding> {
    const pods = tree.clusters.flatMap((cluster) =>
      networksOf(settingOf(cluster, 'POD_CIDR') ?? '').map((range) => ({ name: cluster.name, range })),
    );
    const meshed = new Set(
      tree.clusters
        .filter((cluster) => ciliumReleases(cluster).some(({ values }) => isMeshed(values)))
        .map(({ name }) => name),
    );
    for (const cluster of tree.clusters) {
      for (const { release, values } of ciliumReleases(cluster)) {
        if (values['routingMode'] !== 'native') continue;
        for (const key of ['ipv4NativeRoutingCIDR', 'ipv6NativeRoutingCIDR']) {
          const cidr = values[key];
          const native = typeof cidr === 'string' ? networkOf(cidr) : undefined;
          if (native === undefined) continue;
          // Only members of the mesh reach each other's pods.
          const reached = pods.filter(
            ({ name }) => name === cluster.name || (meshed.has(name) && meshed.has(cluster.name)),
          );
          const outside = reached.filter(({ range }) => range.family === native.family && !covers(native, range));
          if (outside.length === 0) continue;
          const what = `routes ${native.text} natively, which does not include ${outside.map(({ name, range }) => `${range.text} of ${name}`).join(', ')}`;
          const todo = 'widen NATIVE_ROUTING_CIDR to include the POD_CIDR of every cluster in the mesh';
          yield findingAt(tree, cluster, release, ['spec', 'values', key], what, todo);
        }
      }
    }
  },
};

const gatewayGroup = 'gateway.networking.k8s.io';

/** Cilium that is installed before the Gateway API CRDs, which it looks for at startup. */
export const gatewayCrdsAfterCilium: Check = {
  id: 'gateway-crds-after-cilium',
  severity: 'error',
  set: 'platform',
  why: "Cilium's operator looks for the Gateway API CRDs only at startup: without them there is no gateway controller.",
  needs: 'wholeCluster',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const { release, values } of ciliumReleases(cluster)) {
        if (!isOn(valueAt(values, 'gatewayAPI', 'enabled'))) continue;
        const before = readyBefore(cluster, release.kustomization);
        const providers = crdProvidersOf(cluster).get(gatewayGroup) ?? [];
        if (providers.some(({ kustomization }) => before.has(kustomization))) continue;
        const declared =
          declaredKustomizations(cluster).find(([{ id }]) => id === release.kustomization)?.[1] ?? release;
        const [provider] = providers.map(({ kustomization }) => kustomization).sort();
        const what =
          provider === undefined
            ? 'installs Cilium with Gateway API, but nothing on this cluster installs the Gateway API CRDs'
            : `installs Cilium with Gateway API, but does not depend on ${provider}, which installs the CRDs`;
        const todo = `depend on ${provider?.split('/').at(-1) ?? 'a Kustomization that installs them'}`;
        yield findingAt(tree, cluster, declared, ['spec', 'dependsOn'], what, todo);
      }
    }
  },
};
