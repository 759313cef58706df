import { type Json, type JsonMap, groupOf, isMap, listOf, valueAt } from '../../kubernetesObject';
import { locate, locateText } from '../../locate';
import { type ObjectPath, parseText } from '../../sources';
import type { Location, Tree, TreeCluster, TreeObject } from '../../tree';
import { isHelmRelease, valuesOf } from './charts';
import { podsOf } from './pods';

/** A configuration file of cloudflared in a ConfigMap, or in the values of a chart that makes one. */
export interface TunnelConfig {
  from: TreeObject;
  at: Location;
  /** The file as it is parsed; undefined if it is not YAML. */
  value: Json | undefined;
}

const isCloudflared = (image: Json | undefined): boolean =>
  typeof image === 'string' && /(^|\/)cloudflared([:@]|$)/.test(image);

/** The configuration files of the cloudflared workloads of a cluster. */
export function* tunnelConfigs(tree: Tree, cluster: TreeCluster): Generator<TunnelConfig> {
  for (const { object } of cluster.objects) {
    const pods = podsOf(object);
    if (pods?.containers.some(({ spec }) => isCloudflared(spec['image'])) !== true) continue;
    for (const volume of listOf(pods.spec['volumes'])) {
      const name = valueAt(volume, 'configMap', 'name');
      for (const from of cluster.objects) {
        const { kind, metadata } = from.object;
        if (kind !== 'ConfigMap' || groupOf(from.object) !== '' || metadata.name !== name) continue;
        if (metadata.namespace !== object.metadata.namespace) continue;
        for (const [key, text] of Object.entries(mapAt(from.object, 'data'))) {
          if (/\.ya?ml$/.test(key)) yield* configIn(tree, from, ['data', key], text);
        }
      }
    }
  }
  for (const from of cluster.objects) {
    if (!isHelmRelease(from.object)) continue;
    const values = valuesOf(from.object);
    if (usesCloudflared(values)) yield* configsInValues(tree, from, values, ['spec', 'values']);
  }
}

function mapAt(value: Json, ...path: string[]): JsonMap {
  const found = valueAt(value, ...path);
  return isMap(found) ? found : {};
}

function usesCloudflared(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some(usesCloudflared);
  if (!isMap(value)) return false;
  return Object.entries(value).some(
    ([key, item]) => (key === 'repository' && isCloudflared(item)) || usesCloudflared(item),
  );
}

function* configsInValues(tree: Tree, from: TreeObject, value: JsonMap, path: ObjectPath): Generator<TunnelConfig> {
  for (const [key, item] of Object.entries(value)) {
    if (isMap(item)) yield* configsInValues(tree, from, item, [...path, key]);
    else if (/\.ya?ml$/.test(key)) yield* configIn(tree, from, [...path, key], item);
  }
}

/** The text of a file, if it is YAML with ingress rules, or not YAML at all. */
function* configIn(tree: Tree, from: TreeObject, path: ObjectPath, text: Json | undefined): Generator<TunnelConfig> {
  // A template of a chart is not YAML yet.
  if (typeof text !== 'string' || text.includes('{{')) return;
  const value = parseText(text);
  if (value !== undefined && valueAt(value, 'ingress') === undefined) return;
  const [inFile] = locateText(tree, from, 'ingress:');
  yield { from, at: inFile ?? locate(tree, from, path), value };
}
