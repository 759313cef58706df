import { type JsonMap, type KubernetesObject, groupOf, isMap, specOf, valueAt } from '../../kubernetesObject';
import type { TreeCluster, TreeObject } from '../../tree';

/** Where a HelmRelease takes its chart from. */
export interface Chart {
  /** The chart's own name: the last segment of its address. */
  name: string;
  /** How the HelmRelease names it: by a source of charts (`spec.chart`) or by a whole chart (`spec.chartRef`). */
  by: 'chart' | 'chartRef';
  source: { kind: string; namespace: string; name: string };
  /** The source's object; absent when this cluster's Git has none. */
  declared?: TreeObject;
}

/** Whether an object is a HelmRelease. */
export function isHelmRelease(object: KubernetesObject): boolean {
  return object.kind === 'HelmRelease' && groupOf(object) === 'helm.toolkit.fluxcd.io';
}

/** Whether an object is one of source-controller's, of a kind. */
export function isSource(object: KubernetesObject, kind: string): boolean {
  return object.kind === kind && groupOf(object) === 'source.toolkit.fluxcd.io';
}

/** The values of a HelmRelease; empty if it has none. */
export function valuesOf(object: KubernetesObject): JsonMap {
  const values = specOf(object)['values'];
  return isMap(values) ? values : {};
}

/** The chart of a HelmRelease, or nothing if it names none, or if a HelmChart object stands between. */
export function chartOf(cluster: TreeCluster, { object, kustomization }: TreeObject): Chart | undefined {
  const spec = specOf(object);
  const by = spec['chartRef'] === undefined ? 'chart' : 'chartRef';
  const reference = by === 'chart' ? valueAt(spec, 'chart', 'spec', 'sourceRef') : spec['chartRef'];
  const kind = valueAt(reference, 'kind');
  const name = valueAt(reference, 'name');
  const namespace = valueAt(reference, 'namespace') ?? object.metadata.namespace ?? '';
  if (typeof kind !== 'string' || typeof name !== 'string' || typeof namespace !== 'string') return undefined;
  const candidates = cluster.objects.filter(
    ({ object: other }) =>
      isSource(other, kind) && other.metadata.name === name && (other.metadata.namespace ?? '') === namespace,
  );
  const declared = candidates.find((other) => other.kustomization === kustomization) ?? candidates[0];
  const address = by === 'chart' ? valueAt(spec, 'chart', 'spec', 'chart') : specOf(declared?.object ?? object)['url'];
  const segments = typeof address === 'string' ? address.split('/').filter((segment) => segment !== '') : [];
  return { name: segments.at(-1) ?? name, by, source: { kind, namespace, name }, declared };
}

/** The HelmReleases of a cluster, each with its chart. */
export function* releases(cluster: TreeCluster): Generator<{ release: TreeObject; chart: Chart }> {
  for (const release of cluster.objects) {
    const chart = isHelmRelease(release.object) ? chartOf(cluster, release) : undefined;
    if (chart !== undefined) yield { release, chart };
  }
}

/** The OCIRepositories of a cluster that hold a chart, each once, with the first HelmRelease that uses it. */
export function chartRepositories(cluster: TreeCluster): Map<TreeObject, TreeObject> {
  const found = new Map<TreeObject, TreeObject>();
  for (const { release, chart } of releases(cluster)) {
    const { declared } = chart;
    if (declared !== undefined && chart.source.kind === 'OCIRepository' && !found.has(declared))
      found.set(declared, release);
  }
  return found;
}
