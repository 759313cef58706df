import { isDeepStrictEqual } from 'node:util';
import { diffArrays } from 'diff';
import { type Json, type JsonMap, isMap } from '../kubernetesObject';
import type { Step } from './paths';

/** A list item before and after; absent on the side where the list does not have it. */
export interface AlignedItem {
  step: Step;
  before?: Json;
  after?: Json;
}

/** The items of two lists, matched. */
export interface AlignedLists {
  items: AlignedItem[];
  /** Whether the items that both lists contain are in a different order. */
  reordered: boolean;
}

/** Fields that identify the items of Kubernetes lists, the most specific first. */
const keyFields = ['name', 'key', 'id', 'containerPort', 'port', 'mountPath', 'path', 'host', 'hostname', 'ip', 'cidr'];

/** Matches the items of two lists: by a field that identifies each item if there is one, else by position. */
export function alignLists(before: readonly Json[], after: readonly Json[]): AlignedLists {
  const key = keyFields.find((field) => identifiesItems(before, field) && identifiesItems(after, field));
  return key === undefined ? byPosition(before, after) : byKey(before as JsonMap[], after as JsonMap[], key);
}

type KeyValue = string | number | boolean;

/** Whether a field has a distinct scalar value in every item of a list. */
function identifiesItems(items: readonly Json[], key: string): boolean {
  const values = items.map((item) => (isMap(item) ? item[key] : undefined));
  const areScalars = values.every((value) => ['string', 'number', 'boolean'].includes(typeof value));
  return areScalars && new Set(values).size === values.length;
}

function byKey(before: readonly JsonMap[], after: readonly JsonMap[], key: string): AlignedLists {
  const valueOf = (item: JsonMap): KeyValue => item[key] as KeyValue;
  const old = new Map(before.map((item) => [valueOf(item), item]));
  const current = new Map(after.map((item) => [valueOf(item), item]));
  const common = (items: readonly JsonMap[]): KeyValue[] =>
    items.map(valueOf).filter((value) => old.has(value) && current.has(value));
  const removed = before.map(valueOf).filter((value) => !current.has(value));
  const items = [...current.keys(), ...removed].map((value) => ({
    step: { key, value },
    ...(old.has(value) ? { before: old.get(value) } : {}),
    ...(current.has(value) ? { after: current.get(value) } : {}),
  }));
  return { items, reordered: !isDeepStrictEqual(common(before), common(after)) };
}

function byPosition(before: readonly Json[], after: readonly Json[]): AlignedLists {
  const chunks = diffArrays([...before], [...after], { comparator: (a, b) => isDeepStrictEqual(a, b) });
  const items: AlignedItem[] = [];
  let oldAt = 0;
  let newAt = 0;
  let pending: Json[] = [];
  const flush = (): void => {
    for (const [index, value] of pending.entries()) items.push({ step: oldAt - pending.length + index, before: value });
    pending = [];
  };
  for (const { added, removed, value } of chunks) {
    if (removed) {
      flush();
      pending = value;
      oldAt += value.length;
    } else if (added) {
      // An item added in place of a removed one is the same item, changed.
      for (const item of value) {
        const old = pending.shift();
        items.push({ step: newAt, ...(old === undefined ? {} : { before: old }), after: item });
        newAt += 1;
      }
    } else {
      flush();
      oldAt += value.length;
      newAt += value.length;
    }
  }
  flush();
  return { items, reordered: false };
}
