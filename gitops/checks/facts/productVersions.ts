import { type Json, groupOf, isMap, specOf, valueAt } from '../../kubernetesObject';
import type { Product } from '../../compatibility';
import type { ObjectPath } from '../../sources';
import type { TreeCluster, TreeObject } from '../../tree';
import { ciliumReleases, isHelmRelease, isOn, isSource, releases, valuesOf } from './charts';
import { settingsMaps, settingsOf } from './settings';

/** A version of a product that a cluster pins. */
export interface ProductVersion {
  product: Product;
  version: string;
  object: TreeObject;
  path: ObjectPath;
}

const chartProducts: Readonly<Record<string, Product>> = {
  cilium: 'Cilium',
  'rook-ceph': 'Rook',
  'flux-operator': 'Flux Operator',
};

/** The versions of known products that a cluster pins; versions that charts choose by default are not known. */
export function* productVersions(cluster: TreeCluster): Generator<ProductVersion> {
  for (const found of chartVersions(cluster)) {
    const product = chartProducts[found.chart];
    if (product !== undefined) yield { ...found, product };
  }
  for (const object of cluster.objects) {
    for (const [product, path, version] of versionsOf(object)) yield { product, version, object, path };
  }
  for (const object of settingsMaps(cluster)) {
    const version = settingsOf(object)['KUBERNETES_VERSION'];
    if (version !== undefined) yield { product: 'Kubernetes', version, object, path: ['data', 'KUBERNETES_VERSION'] };
  }
}

/** The version of every chart that a cluster installs, where it is pinned. */
export function* chartVersions(cluster: TreeCluster): Generator<Omit<ProductVersion, 'product'> & { chart: string }> {
  for (const { release, chart } of releases(cluster)) {
    const path = chart.by === 'chart' ? ['spec', 'chart', 'spec', 'version'] : ['spec', 'ref', 'tag'];
    const object = chart.by === 'chart' ? release : chart.declared;
    const version = object === undefined ? undefined : valueAt(object.object, ...path);
    if (object !== undefined && typeof version === 'string') yield { chart: chart.name, version, object, path };
  }
}

/** Whether Cilium serves Gateway API on a cluster. */
export function usesGatewayApi(cluster: TreeCluster): boolean {
  return ciliumReleases(cluster).some(({ values }) => isOn(valueAt(values, 'gatewayAPI', 'enabled')));
}

function* versionsOf({ object }: TreeObject): Generator<[Product, ObjectPath, string]> {
  const spec = specOf(object);
  if (isSource(object, 'GitRepository')) {
    const { url } = spec;
    const tag = valueAt(spec, 'ref', 'tag');
    const isGatewayApi = typeof url === 'string' && /[/:]kubernetes-sigs\/gateway-api(\.git)?$/.test(url);
    if (isGatewayApi && typeof tag === 'string') yield ['Gateway API', ['spec', 'ref', 'tag'], tag];
  } else if (object.kind === 'CustomResourceDefinition' && spec['group'] === gatewayApi) {
    const version = valueAt(object.metadata, 'annotations', bundleVersion);
    if (typeof version === 'string') yield ['Gateway API', ['metadata', 'annotations', bundleVersion], version];
  } else if (object.kind === 'CephCluster' && groupOf(object) === 'ceph.rook.io') {
    yield* cephVersion(spec, ['spec']);
  } else if (object.kind === 'FluxInstance' && groupOf(object) === 'fluxcd.controlplane.io') {
    yield* fluxVersion(spec, ['spec']);
  } else if (isHelmRelease(object)) {
    const values = valuesOf(object);
    yield* cephVersion(values['cephClusterSpec'], ['spec', 'values', 'cephClusterSpec']);
    yield* fluxVersion(values['instance'], ['spec', 'values', 'instance']);
  }
}

const gatewayApi = 'gateway.networking.k8s.io';
const bundleVersion = 'gateway.networking.k8s.io/bundle-version';

/** None if Rook accepts every version. */
function* cephVersion(spec: Json | undefined, prefix: ObjectPath): Generator<[Product, ObjectPath, string]> {
  const given = valueAt(spec, 'cephVersion');
  const image = valueAt(given, 'image');
  if (!isMap(given) || isOn(given['allowUnsupported']) || typeof image !== 'string') return;
  const [, tag] = /:([\w.+-]+)(?:@.*)?$/.exec(image) ?? [];
  // Tags such as v19.2.3-20250717 name a build of that version.
  const [version] = /^v?\d+\.\d+\.\d+/.exec(tag ?? '') ?? [];
  if (version !== undefined) yield ['Ceph', [...prefix, 'cephVersion', 'image'], version];
}

function* fluxVersion(spec: Json | undefined, prefix: ObjectPath): Generator<[Product, ObjectPath, string]> {
  const version = valueAt(spec, 'distribution', 'version');
  if (typeof version === 'string') yield ['Flux', [...prefix, 'distribution', 'version'], version];
}
