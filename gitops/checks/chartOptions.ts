import { type Json, groupOf, isMap, listOf, specOf, valueAt } from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import type { TreeCluster, TreeObject } from '../tree';
import type { Check, LookedAt, RawFinding } from './check';
import { isOn, releases, valuesOf } from './facts/charts';
import { findingAt, show } from './finding';

/** Options that do not go together; the path, relative to the options, is that of the one to change. */
interface Contradiction {
  path: readonly string[];
  what: string;
  todo: string;
}

type Options = (...path: string[]) => Json | undefined;

const isOff = (value: Json | undefined): boolean => value === false || value === 'false';
const isSet = (value: Json | undefined): boolean =>
  Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== '';

/**
 * What the Cilium chart (1.18) refuses to render, and what the agent or the operator refuses or ignores. Sources, at
 * v1.18.3: templates/validate.yaml and cilium-configmap.yaml of the chart, daemon/cmd/{daemon,daemon_main}.go,
 * daemon/cmd/kube_proxy_replacement.go, operator/pkg/gateway-api/cell.go, Documentation/network/l2-announcements.rst.
 */
function* cilium(option: Options): Generator<Contradiction> {
  const on = (...path: string[]): boolean => isOn(option(...path));
  const replacesProxy = on('kubeProxyReplacement');
  const nodePorts = replacesProxy || on('nodePort', 'enabled');
  const native = option('routingMode') === 'native';
  const replaceProxy = 'set kubeProxyReplacement to true';
  if (on('gatewayAPI', 'enabled') && !nodePorts) {
    const what = 'enables gatewayAPI without kubeProxyReplacement: the operator ignores every Gateway';
    yield { path: ['gatewayAPI', 'enabled'], what, todo: replaceProxy };
  }
  for (const feature of ['gatewayAPI', 'ingressController']) {
    if (!on(feature, 'enabled') || !isOff(option('l7Proxy'))) continue;
    const what = `enables ${feature} and disables l7Proxy, which it needs: the chart does not render`;
    yield { path: ['l7Proxy'], what, todo: 'remove l7Proxy: false' };
  }
  if (on('l2announcements', 'enabled') && !replacesProxy) {
    const what = 'enables l2announcements without kubeProxyReplacement: no address is announced';
    yield { path: ['l2announcements', 'enabled'], what, todo: replaceProxy };
  }
  if (on('bpf', 'masquerade') && !nodePorts) {
    const what = 'enables bpf.masquerade without kubeProxyReplacement: the agent does not start';
    yield { path: ['bpf', 'masquerade'], what, todo: replaceProxy };
  }
  if (on('autoDirectNodeRoutes') && !native) {
    const what = 'enables autoDirectNodeRoutes while traffic is tunnelled: the agent does not start';
    yield { path: ['autoDirectNodeRoutes'], what, todo: 'set routingMode to native' };
  }
  const masquerades = !isOff(option('ipv4', 'enabled')) && !isOff(option('enableIPv4Masquerade'));
  const cloud = ['eni', 'alibabacloud'].includes(show(option('ipam', 'mode')));
  if (native && masquerades && !cloud && !on('ipMasqAgent', 'enabled') && !isSet(option('ipv4NativeRoutingCIDR'))) {
    const what = 'sets routingMode: native without ipv4NativeRoutingCIDR: the chart does not render';
    yield { path: ['routingMode'], what, todo: "set ipv4NativeRoutingCIDR to a range that holds all clusters' pods" };
  }
  if (on('installNoConntrackIptablesRules') && !(native && replacesProxy && on('bpf', 'masquerade'))) {
    const what =
      'enables installNoConntrackIptablesRules without routingMode: native, kubeProxyReplacement and bpf.masquerade: the agent does not start';
    yield { path: ['installNoConntrackIptablesRules'], what, todo: 'set all three, or remove it' };
  }
  if (on('hubble', 'relay', 'enabled') && isOff(option('hubble', 'enabled'))) {
    const what = 'enables hubble.relay and disables hubble: the chart does not render';
    yield { path: ['hubble', 'relay', 'enabled'], what, todo: 'enable hubble, or disable its relay' };
  }
  const standalone = on('hubble', 'ui', 'standalone', 'enabled');
  if (on('hubble', 'ui', 'enabled') && !standalone && !on('hubble', 'relay', 'enabled')) {
    const what = 'enables hubble.ui without hubble.relay: the chart does not render';
    yield { path: ['hubble', 'ui', 'enabled'], what, todo: 'enable hubble.relay, or disable hubble.ui' };
  }
  if (on('authentication', 'mutual', 'spire', 'enabled') && isOff(option('authentication', 'enabled'))) {
    const what = 'enables authentication.mutual.spire and disables authentication: the chart does not render';
    yield { path: ['authentication', 'enabled'], what, todo: 'remove authentication.enabled: false' };
  }
  if (isSet(option('k8sServiceHost')) && isSet(option('k8sServiceHostRef', 'name'))) {
    const what = 'sets both k8sServiceHost and k8sServiceHostRef: the chart does not render';
    yield { path: ['k8sServiceHostRef'], what, todo: 'keep one of the two' };
  }
}

const deviceFields = ['devices', 'deviceFilter', 'devicePathFilter'];

/**
 * Storage settings of a CephCluster of which Rook uses only one: devices before deviceFilter before devicePathFilter
 * before useAllDevices, and nodes only without useAllNodes. Sources, Rook 1.18: pkg/operator/ceph/cluster/osd/provision_spec.go;
 * the comments on `storage` in the chart's values.yaml.
 */
function* cephStorage(option: Options, defaults: { useAllNodes: boolean }): Generator<Contradiction> {
  const nodes = listOf(option('nodes'));
  const [first, second] = [...deviceFields, 'useAllDevices'].filter((field) =>
    field === 'useAllDevices' ? isOn(option(field)) : isSet(option(field)),
  );
  if (first !== undefined && second !== undefined) {
    const what = `sets both ${first} and ${second}${second === 'useAllDevices' ? ': true' : ''}: Rook uses ${first} alone`;
    const todo = second === 'useAllDevices' ? `set useAllDevices to false, or remove ${first}` : `keep one of the two`;
    yield { path: [second], what, todo };
  }
  if (
    nodes.length > 0 &&
    (isOn(option('useAllNodes')) || (option('useAllNodes') === undefined && defaults.useAllNodes))
  ) {
    const reason = option('useAllNodes') === undefined ? 'the default of the chart' : 'set, too';
    const what = `lists nodes, but useAllNodes: true is ${reason}: Rook ignores the list`;
    yield { path: ['useAllNodes'], what, todo: 'set useAllNodes to false, or remove nodes' };
  }
}

/** cert-manager refuses its old and new option together (chart 1.19, templates/_helpers.tpl). */
function* certManager(option: Options): Generator<Contradiction> {
  if (!isOn(option('installCRDs')) || !isOn(option('crds', 'enabled'))) return;
  const what = 'enables both installCRDs and crds.enabled: the chart does not render';
  yield { path: ['installCRDs'], what, todo: 'remove installCRDs' };
}

/** Without a registry, ExternalDNS owns every record (registry/noop.go: an empty owner id, which filters nothing). */
function* externalDns(option: Options): Generator<Contradiction> {
  if (option('registry') !== 'noop' || option('policy') !== 'sync') return;
  const what = 'sets policy: sync with registry: noop: it deletes every record of the zone that it does not create';
  yield { path: ['policy'], what, todo: 'set registry to txt, or policy to upsert-only' };
}

const storagePath = ['cephClusterSpec', 'storage'];

const chartOptions: Readonly<Record<string, { at?: string[]; find: (option: Options) => Iterable<Contradiction> }>> = {
  cilium: { find: cilium },
  'rook-ceph-cluster': { at: storagePath, find: (option) => cephStorage(option, { useAllNodes: true }) },
  'cert-manager': { find: certManager },
  'external-dns': { find: externalDns },
};

const reader =
  (options: Json | undefined): Options =>
  (...path) =>
    valueAt(options, ...path);

/** Options in an object, with where they are. */
interface Place {
  from: TreeObject;
  prefix: ObjectPath;
  found: Iterable<Contradiction>;
}

/** Options in objects themselves, or in the values of charts. */
function* places(cluster: TreeCluster): Generator<Place> {
  for (const from of cluster.objects) {
    if (from.object.kind !== 'CephCluster' || groupOf(from.object) !== 'ceph.rook.io') continue;
    const found = cephStorage(reader(specOf(from.object)['storage']), { useAllNodes: false });
    yield { from, prefix: ['spec', 'storage'], found };
  }
  for (const { release: from, chart } of releases(cluster)) {
    const known = chartOptions[chart.name];
    // With valuesFrom, what is not set here may be set there.
    if (known === undefined || listOf(specOf(from.object)['valuesFrom']).length > 0) continue;
    const { at = [], find } = known;
    const options = valueAt(valuesOf(from.object), ...at);
    if (isMap(options)) yield { from, prefix: ['spec', 'values', ...at], found: find(reader(options)) };
  }
}

/** Options of a chart that contradict one another. */
export const chartOptionsContradict: Check = {
  id: 'chart-options-contradict',
  severity: 'error',
  set: 'platform',
  why: 'Only one of them has an effect, or what reads them refuses to start.',
  *run(tree): Generator<RawFinding | LookedAt> {
    for (const cluster of tree.clusters) {
      for (const { from, prefix, found } of places(cluster)) {
        yield { places: 1 };
        for (const { path, what, todo } of found) {
          yield findingAt(tree, cluster, from, [...prefix, ...path], what, todo);
        }
      }
    }
  },
};
