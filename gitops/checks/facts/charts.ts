import { type JsonMap, type KubernetesObject, groupOf, isMap, specOf, valueAt } from '../../kubernetesObject';
import type { TreeCluster, TreeObject } from '../../tree';
import { indexOf } from './clusterIndex';

/** The chart of a HelmRelease. */
export interface Chart {
  /** The chart's own name: the last segment of its URL. */
  name: string;
  /** How the HelmRelease refers to it: as a chart in a source (`spec.chart`) or directly (`spec.chartRef`). */
  by: 'chart' | 'chartRef';
  source: { kind: string; namespace: string; name: string };
  /** The source object; absent if the cluster does not declare it in Git. */
  declared?: TreeObject;
}

/** Whether an object is a HelmRelease. */
export function isHelmRelease(object: KubernetesObject): boolean {
  return object.kind === 'HelmRelease' && groupOf(object) === 'helm.toolkit.fluxcd.io';
}

/** Whether an object is a source-controller object of the given kind. */
export function isSource(object: KubernetesObject, kind: string): boolean {
  return object.kind === kind && groupOf(object) === 'source.toolkit.fluxcd.io';
}

/** The values of a HelmRelease; empty if it has none. */
export function valuesOf(object: KubernetesObject): JsonMap {
  const values = specOf(object)['values'];
  return isMap(values) ? values : {};
}

/** The chart of a HelmRelease; undefined if it refers to none, or to a HelmChart object. */
export function chartOf(cluster: TreeCluster, { object, kustomization }: TreeObject): Chart | undefined {
  const spec = specOf(object);
  const by = spec['chartRef'] === undefined ? 'chart' : 'chartRef';
  const reference = by === 'chart' ? valueAt(spec, 'chart', 'spec', 'sourceRef') : spec['chartRef'];
  const kind = valueAt(reference, 'kind');
  const name = valueAt(reference, 'name');
  const namespace = valueAt(reference, 'namespace') ?? object.metadata.namespace ?? '';
  if (typeof kind !== 'string' || typeof name !== 'string' || typeof namespace !== 'string') return undefined;
  const candidates = indexOf(cluster)
    .objects(kind, namespace, name)
    .filter(({ object: other }) => isSource(other, kind));
  const declared = candidates.find((other) => other.kustomization === kustomization) ?? candidates[0];
  const url = by === 'chart' ? valueAt(spec, 'chart', 'spec', 'chart') : specOf(declared?.object ?? object)['url'];
  const segments = typeof url === 'string' ? url.split('/').filter((segment) => segment !== '') : [];
  return { name: segments.at(-1) ?? name, by, source: { kind, namespace, name }, declared };
}

/** The HelmReleases of a cluster that have a chart, with their charts. */
export function* releases(cluster: TreeCluster): Generator<{ release: TreeObject; chart: Chart }> {
  for (const release of cluster.objects) {
    const chart = isHelmRelease(release.object) ? chartOf(cluster, release) : undefined;
    if (chart !== undefined) yield { release, chart };
  }
}

/** The Cilium releases of a cluster (normally one), with their values. */
export function ciliumReleases(cluster: TreeCluster): { release: TreeObject; values: JsonMap }[] {
  return [...releases(cluster)]
    .filter(({ chart }) => chart.name === 'cilium')
    .map(({ release }) => ({ release, values: valuesOf(release.object) }));
}

/** The OCIRepositories of a cluster that provide a chart, each with the first HelmRelease that uses it. */
export function chartRepositories(cluster: TreeCluster): Map<TreeObject, TreeObject> {
  const found = new Map<TreeObject, TreeObject>();
  for (const { release, chart } of releases(cluster)) {
    const { declared } = chart;
    if (declared !== undefined && chart.source.kind === 'OCIRepository' && !found.has(declared))
      found.set(declared, release);
  }
  return found;
}

/** Whether a chart value enables something. The string `true` counts: a template treats it the same. */
export function isOn(value: unknown): boolean {
  return value === true || value === 'true';
}

/** The namespace that a release installs into. */
export function targetNamespace({ object }: TreeObject): string {
  const target = specOf(object)['targetNamespace'];
  return typeof target === 'string' ? target : (object.metadata.namespace ?? '');
}

/** Whether values contain a text, as a value or as a key. */
export function mentions(value: unknown, text: string): boolean {
  if (typeof value === 'string') return value.includes(text);
  if (Array.isArray(value)) return value.some((item) => mentions(item, text));
  return isMap(value) && Object.entries(value).some(([key, item]) => key === text || mentions(item, text));
}
