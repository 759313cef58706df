import { groupOf, isMap, specOf, valueAt, listOf } from '../../kubernetesObject';
import type { TreeCluster, TreeObject } from '../../tree';

/** The ConfigMaps of a cluster that Flux Kustomizations take variables from, each once. */
export function settingsSources(cluster: TreeCluster): TreeObject[] {
  const named = new Set(cluster.kustomizations.flatMap(({ object, namespace }) => substituteFrom(object, namespace)));
  const seen = new Set<string>();
  return cluster.objects.filter(({ object }) => {
    if (object.kind !== 'ConfigMap' || groupOf(object) !== '') return false;
    const id = `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
    if (!named.has(id) || seen.has(id)) return false;
    seen.add(id);
    return true;
  });
}

/** The ConfigMaps that one Flux Kustomization takes variables from, as `namespace/name`. */
export function substituteFrom(object: TreeObject['object'], namespace: string): string[] {
  const from = valueAt(specOf(object), 'postBuild', 'substituteFrom');
  return listOf(from).flatMap((entry) => {
    const name = valueAt(entry, 'name');
    return valueAt(entry, 'kind') === 'ConfigMap' && typeof name === 'string' ? [`${namespace}/${name}`] : [];
  });
}

/** The settings in a ConfigMap. A number or a boolean is none for Flux, which the schema reports; here it is its text. */
export function settingsOf({ object }: TreeObject): Record<string, string> {
  const data = object['data'];
  return Object.fromEntries(
    Object.entries(isMap(data) ? data : {}).flatMap(([key, value]) =>
      ['string', 'number', 'boolean'].includes(typeof value) ? [[key, String(value as string | number | boolean)]] : [],
    ),
  );
}
