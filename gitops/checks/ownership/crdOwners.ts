import { type CrdChart, crdOwners } from '../../crdOwners';
import { type JsonMap, type KubernetesObject, identityOf, specOf, valueAt } from '../../kubernetesObject';
import type { TreeCluster, TreeObject } from '../../tree';
import { releases, valuesOf } from '../sources/charts';
import { declaredKustomizations } from '../structure/dependencies';

/** What brings the CustomResourceDefinitions of an API group to a cluster. */
export interface Bringer {
  /** The Kustomization that applies it. */
  kustomization: string;
  /** The object that brings them: a HelmRelease, a Flux Kustomization with a foreign source, or a definition itself. */
  by: TreeObject;
  /** Whether they are there as soon as the Kustomization is applied, rather than when it is ready. */
  atOnce: boolean;
}

/** Whether a release of a chart brings the chart's CustomResourceDefinitions. */
function bringsCrds(chart: CrdChart, release: KubernetesObject): boolean {
  // What has no switch lies in the chart's `crds/` folder, which Helm may be told to leave alone.
  const skipped = ['install', 'upgrade'].every((action) => valueAt(specOf(release), action, 'crds') === 'Skip');
  return chart.switches === undefined && skipped ? false : switchedOn(chart, valuesOf(release));
}

/** Whether a chart has its CustomResourceDefinitions switched on by these values. */
export function switchedOn({ switches = [], onByDefault = true }: CrdChart, values: JsonMap): boolean {
  for (const path of switches) {
    const value = valueAt(values, ...path);
    if (value !== undefined && value !== null) return value === true;
  }
  return onByDefault;
}

/** Who brings what, by API group: charts and foreign sources first, then definitions that stand in the tree. */
export function bringersOf(cluster: TreeCluster): Map<string, Bringer[]> {
  const found = new Map<string, Bringer[]>();
  const add = (group: string, bringer: Bringer): void => {
    found.set(group, [...(found.get(group) ?? []), bringer]);
  };
  const installed = [...releases(cluster)];
  const declared = declaredKustomizations(cluster);
  for (const { groups, charts = [], kustomizations = [] } of crdOwners) {
    const seen = new Set<string>();
    for (const { release, chart } of installed) {
      const known = charts.find(({ name }) => name === chart.name);
      const identity = identityOf(release.object);
      // One release that two Kustomizations apply is a finding of its own.
      if (known === undefined || seen.has(identity) || !bringsCrds(known, release.object)) continue;
      seen.add(identity);
      for (const group of groups) add(group, { kustomization: release.kustomization, by: release, atOnce: false });
    }
    for (const [kustomization, by] of declared) {
      if (kustomization.skipped !== 'external' || !kustomizations.includes(kustomization.name)) continue;
      for (const group of groups) add(group, { kustomization: kustomization.id, by, atOnce: true });
    }
  }
  for (const by of cluster.objects) {
    const group = by.object.kind === 'CustomResourceDefinition' ? valueAt(by.object['spec'], 'group') : undefined;
    if (typeof group !== 'string') continue;
    // One stands for all of its Kustomization: a group's definitions come together.
    if (found.get(group)?.some((other) => other.kustomization === by.kustomization && isDefinition(other))) continue;
    add(group, { kustomization: by.kustomization, by, atOnce: true });
  }
  return found;
}

function isDefinition({ by }: Bringer): boolean {
  return by.object.kind === 'CustomResourceDefinition';
}
