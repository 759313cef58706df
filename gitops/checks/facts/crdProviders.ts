import { type CrdChart, crdOwners } from '../../crdOwners';
import { type JsonMap, type KubernetesObject, identityOf, specOf, valueAt } from '../../kubernetesObject';
import type { TreeCluster, TreeObject } from '../../tree';
import { releases, valuesOf } from './charts';
import { declaredKustomizations } from './dependencies';

/** What installs the CRDs of an API group on a cluster. */
export interface CrdProvider {
  /** The Kustomization that applies it. */
  kustomization: string;
  /** The object that installs them: a HelmRelease, a Flux Kustomization with an external source, or a CRD itself. */
  by: TreeObject;
  /** Whether the CRDs exist as soon as the Kustomization is applied, rather than when it is ready. */
  immediate: boolean;
}

/** Whether a release of a chart installs the chart's CRDs. */
function installsCrds(chart: CrdChart, release: KubernetesObject): boolean {
  // CRDs without a switch are in the chart's `crds/` folder, which Helm can be told to skip.
  const skipped = ['install', 'upgrade'].every((action) => valueAt(specOf(release), action, 'crds') === 'Skip');
  return chart.switches === undefined && skipped ? false : crdsEnabled(chart, valuesOf(release));
}

/** Whether the given values enable the CRDs of a chart. */
export function crdsEnabled({ switches = [], onByDefault = true }: CrdChart, values: JsonMap): boolean {
  for (const path of switches) {
    const value = valueAt(values, ...path);
    if (value !== undefined && value !== null) return value === true;
  }
  return onByDefault;
}

/** The CRD providers of a cluster by API group: charts and external sources first, then CRDs in the tree. */
export function crdProvidersOf(cluster: TreeCluster): Map<string, CrdProvider[]> {
  const found = new Map<string, CrdProvider[]>();
  const add = (group: string, provider: CrdProvider): void => {
    found.set(group, [...(found.get(group) ?? []), provider]);
  };
  const installed = [...releases(cluster)];
  const declared = declaredKustomizations(cluster);
  for (const { groups, charts = [], kustomizations = [] } of crdOwners) {
    const seen = new Set<string>();
    for (const { release, chart } of installed) {
      const known = charts.find(({ name }) => name === chart.name);
      const identity = identityOf(release.object);
      // One release that two Kustomizations apply is reported by object-twice.
      if (known === undefined || seen.has(identity) || !installsCrds(known, release.object)) continue;
      seen.add(identity);
      for (const group of groups) add(group, { kustomization: release.kustomization, by: release, immediate: false });
    }
    for (const [kustomization, by] of declared) {
      if (kustomization.skipped !== 'external' || !kustomizations.includes(kustomization.name)) continue;
      for (const group of groups) add(group, { kustomization: kustomization.id, by, immediate: true });
    }
  }
  for (const by of cluster.objects) {
    const group = by.object.kind === 'CustomResourceDefinition' ? valueAt(by.object['spec'], 'group') : undefined;
    if (typeof group !== 'string') continue;
    // One CRD represents its whole Kustomization: the CRDs of a group belong together.
    if (found.get(group)?.some((other) => other.kustomization === by.kustomization && isCrd(other))) continue;
    add(group, { kustomization: by.kustomization, by, immediate: true });
  }
  return found;
}

function isCrd({ by }: CrdProvider): boolean {
  return by.object.kind === 'CustomResourceDefinition';
}
