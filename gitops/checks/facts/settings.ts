import { groupOf, isMap, listOf, specOf, valueAt } from '../../kubernetesObject';
import type { TreeCluster, TreeKustomization, TreeObject } from '../../tree';
import { indexOf } from './clusterIndex';

/** The value of a cluster setting, as Flux substitutes it. */
export function settingOf({ kustomizations }: TreeCluster, key: string): string | undefined {
  return kustomizations.map(({ variables }) => variables[key]).find((value) => value !== undefined);
}

/** The ConfigMaps of a cluster that Flux Kustomizations read variables from, each once. */
export function settingsMaps(cluster: TreeCluster): TreeObject[] {
  const referenced = new Set(
    cluster.kustomizations.flatMap(({ object, namespace }) => substituteFrom(object, namespace)),
  );
  const seen = new Set<string>();
  return cluster.objects.filter(({ object }) => {
    if (object.kind !== 'ConfigMap' || groupOf(object) !== '') return false;
    const id = `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
    if (!referenced.has(id) || seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

/** The ConfigMaps that a Flux Kustomization reads variables from, as `namespace/name`. */
export function substituteFrom(object: TreeObject['object'], namespace: string): string[] {
  const from = valueAt(specOf(object), 'postBuild', 'substituteFrom');
  return listOf(from).flatMap((entry) => {
    const name = valueAt(entry, 'name');
    return valueAt(entry, 'kind') === 'ConfigMap' && typeof name === 'string' ? [`${namespace}/${name}`] : [];
  });
}

/** The settings in a ConfigMap. Flux ignores numbers and booleans, which the schema reports; here they are strings. */
export function settingsOf({ object }: TreeObject): Record<string, string> {
  const data = object['data'];
  return Object.fromEntries(
    Object.entries(isMap(data) ? data : {}).flatMap(([key, value]) =>
      ['string', 'number', 'boolean'].includes(typeof value) ? [[key, String(value as string | number | boolean)]] : [],
    ),
  );
}

/** The Kustomization whose variables Flux substitutes in an object; undefined if Flux substitutes nothing in it. */
export function substitutedBy(
  cluster: TreeCluster,
  { object, kustomization }: TreeObject,
): TreeKustomization | undefined {
  const owner = indexOf(cluster).kustomizations.get(kustomization);
  if (owner === undefined || specOf(owner.object)['postBuild'] === undefined) return undefined;
  const disabled = ['annotations', 'labels'].some((field) => {
    const value = valueAt(object.metadata, field, 'kustomize.toolkit.fluxcd.io/substitute');
    return typeof value === 'string' && value.toLowerCase() === 'disabled';
  });
  return disabled ? undefined : owner;
}
