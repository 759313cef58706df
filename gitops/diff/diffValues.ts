import { isDeepStrictEqual } from 'node:util';
import { type Json, isMap } from '../kubernetesObject';
import { alignLists } from './alignLists';
import type { ValueChange } from './changes';
import { type Step, pathText } from './paths';

/** The smallest differences between two values: maps sorted by key, lists in their own order. */
export function diffValues(
  before: Json | undefined,
  after: Json | undefined,
  path: readonly Step[] = [],
): ValueChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isMap(before) && isMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => diffValues(before[key], after[key], [...path, key]));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const { items, reordered } = alignLists(before, after);
    const changes = items.flatMap((item) => diffValues(item.before, item.after, [...path, item.step]));
    return reordered ? [...changes, { path: pathText(path), note: 'items reordered' }] : changes;
  }
  return [{ path: pathText(path), ...side('before', before), ...side('after', after) }];
}

function side(name: 'before' | 'after', value: Json | undefined): Partial<ValueChange> {
  return value === undefined ? {} : { [name]: value };
}
