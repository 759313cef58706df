import { type JsonMap } from '../../kubernetesObject';
import type { TreeCluster, TreeObject } from '../../tree';
import { releases, valuesOf } from '../sources/charts';

/** A setting of a cluster, as Flux substitutes it. */
export function settingOf({ kustomizations }: TreeCluster, key: string): string | undefined {
  return kustomizations.map(({ variables }) => variables[key]).find((value) => value !== undefined);
}

/** The releases of Cilium on a cluster (there should be one), with their values. */
export function ciliums(cluster: TreeCluster): { release: TreeObject; values: JsonMap }[] {
  return [...releases(cluster)]
    .filter(({ chart }) => chart.name === 'cilium')
    .map(({ release }) => ({ release, values: valuesOf(release.object) }));
}

/** Whether a value of a chart switches something on; a text `true` does in a template, too. */
export function isOn(value: unknown): boolean {
  return value === true || value === 'true';
}
