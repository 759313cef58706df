import { type Json, isMap, specOf, valueAt } from '../kubernetesObject';
import type { TreeCluster, TreeObject } from '../tree';
import type { ValueChange } from './changes';
import { masked, withoutSensitive } from './sensitiveNames';

export { masked };

/**
 * Masks secrets in changes: the data of a Secret, values that a Secret provides for variables, wherever they occur, and what
 * its name or form shows to be secret. The changes themselves stay visible.
 */
export function maskChanges(changes: readonly ValueChange[], kind: string, secrets: readonly string[]): ValueChange[] {
  const hide = (path: string, value: Json | undefined): Json | undefined => {
    if (value === undefined) return undefined;
    if (kind !== 'Secret') return redact(namesKeys.has(kind) ? value : withoutSensitive(value, path), secrets);
    if (/^(data|stringData)(\.|\[|$)/.test(path)) return maskAll(value);
    if (path !== '' || !isMap(value)) return redact(value, secrets);
    const { data, stringData, ...rest } = value;
    const shown = redact(rest, secrets) as typeof rest;
    return {
      ...shown,
      ...(data === undefined ? {} : { data: maskAll(data) }),
      ...(stringData === undefined ? {} : { stringData: maskAll(stringData) }),
    };
  };
  return changes.map((change) => {
    const before = hide(change.path, change.before);
    const after = hide(change.path, change.after);
    return {
      path: change.path,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      ...(change.note === undefined ? {} : { note: change.note }),
    };
  });
}

/** Kinds that name keys of secrets, and hold none. */
const namesKeys: ReadonlySet<string> = new Set([
  'ExternalSecret',
  'ClusterExternalSecret',
  'PushSecret',
  'ClusterPushSecret',
  'SecretStore',
  'ClusterSecretStore',
  'CustomResourceDefinition',
]);

/**
 * Values of an object's variables that may come from a Secret. If the Kustomization substitutes from a Secret, that is every
 * value that neither its inline variables nor a ConfigMap in Git explains.
 */
export function secretValues(cluster: TreeCluster, { kustomization, variables }: TreeObject): string[] {
  const owner = cluster.kustomizations.find(({ id }) => id === kustomization);
  if (owner === undefined) return [];
  const postBuild = specOf(owner.object)['postBuild'];
  const from = valueAt(postBuild, 'substituteFrom');
  const sources = Array.isArray(from) ? from : [];
  if (!sources.some((source) => valueAt(source, 'kind') === 'Secret')) return [];
  const configMaps = sources
    .filter((source) => valueAt(source, 'kind') === 'ConfigMap')
    .map((source) => dataOf(cluster, valueAt(source, 'name'), owner.namespace));
  const inline = valueAt(postBuild, 'substitute');
  const isPublic = (name: string, value: string): boolean =>
    [inline, ...configMaps].some((data) => {
      const publicValue = valueAt(data, name);
      if (publicValue === undefined) return false;
      return (typeof publicValue === 'string' ? publicValue : JSON.stringify(publicValue)) === value;
    });
  return variables.flatMap(({ name }) => {
    const value = owner.variables[name];
    return value === undefined || value === '' || isPublic(name, value) ? [] : [value];
  });
}

function dataOf(cluster: TreeCluster, name: Json | undefined, namespace: string): Json | undefined {
  const map = cluster.objects.find(
    ({ object: { kind, metadata } }) =>
      kind === 'ConfigMap' && metadata.name === name && metadata.namespace === namespace,
  );
  return map?.object['data'];
}

function maskAll(value: Json): Json {
  if (isMap(value)) return mapValues(value, maskAll);
  return masked;
}

/** A text without the values that a Secret provides for an object's variables. */
export function withoutSecretValues(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, masked), text);
}

function redact(value: Json, secrets: readonly string[]): Json {
  if (secrets.length === 0 || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => redact(item, secrets));
  if (isMap(value)) return mapValues(value, (item) => redact(item, secrets));
  const text = String(value);
  const found = secrets.filter((secret) => text.includes(secret));
  if (found.length === 0) return value;
  return typeof value === 'string' ? withoutSecretValues(value, found) : masked;
}

function mapValues(map: Record<string, Json | undefined>, change: (value: Json) => Json): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(map).flatMap(([key, value]) => (value === undefined ? [] : [[key, change(value)]])),
  );
}
