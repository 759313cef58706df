import { isHelmRelease, valuesOf } from '../checks/facts/charts';
import { type Json, type JsonMap, isMap } from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import { type ClusterChange, changed, newOrChanged } from './clusterChange';
import type { TreeObject } from '../tree';

/** A value in an object, with the map or list that it is in. */
export interface Leaf {
  path: ObjectPath;
  value: Json;
  parent: JsonMap;
}

/** Every scalar in a value, with its path; list items by index. */
export function* leavesOf(value: Json | undefined, path: ObjectPath = [], parent: JsonMap = {}): Generator<Leaf> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* leavesOf(item, [...path, index], parent);
  } else if (isMap(value)) {
    for (const [key, item] of Object.entries(value)) yield* leavesOf(item, [...path, key], value);
  } else if (value !== undefined) yield { path, value, parent };
}

/** The value at a path with list indices. */
export function atPath(value: Json | undefined, path: ObjectPath): Json | undefined {
  let current = value;
  for (const step of path) {
    if (typeof step === 'number') current = Array.isArray(current) ? current[step] : undefined;
    else current = isMap(current) ? current[step] : undefined;
  }
  return current;
}

/** A path for messages: `spec.rules[0].host`. */
export function pathName(path: ObjectPath): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
}

/** The values of a HelmRelease before and after. */
export interface ValuesPair {
  at: TreeObject;
  before: JsonMap;
  after: JsonMap;
}

/**
 * The values of HelmReleases that changed and whose charts were not rendered: where they were, the objects themselves say
 * more. With `added`, new releases as well, which have no values before.
 */
export function* valuesPairs(change: ClusterChange, added = false): Generator<ValuesPair> {
  for (const { before, after } of added ? newOrChanged(change) : changed(change)) {
    const { object } = after;
    if (!isHelmRelease(object) || change.rendered.has(`${object.metadata.namespace ?? ''}/${object.metadata.name}`))
      continue;
    yield { at: after, before: before === undefined ? {} : valuesOf(before.object), after: valuesOf(object) };
  }
}
