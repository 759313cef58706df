import { isDeepStrictEqual } from 'node:util';
import { diffArrays } from 'diff';
import { type Json, type JsonMap, isMap } from '../kubernetesObject';
import type { Step } from './paths';

/** An item of a list before and after; absent on the side where the list has it not. */
export interface AlignedItem {
  step: Step;
  before?: Json;
  after?: Json;
}

/** Two lists side by side. */
export interface AlignedLists {
  items: AlignedItem[];
  /** Whether items that both lists have come in another order. */
  reordered: boolean;
}

/** Fields by which Kubernetes' lists tell their items apart, the most telling first. */
const keys = ['name', 'key', 'id', 'containerPort', 'port', 'mountPath', 'path', 'host', 'hostname', 'ip', 'cidr'];

/** Puts the items of two lists side by side: by a field that names each, where there is one, else by their order. */
export function alignLists(before: readonly Json[], after: readonly Json[]): AlignedLists {
  const key = keys.find((name) => names(before, name) && names(after, name));
  return key === undefined ? byOrder(before, after) : byKey(before as JsonMap[], after as JsonMap[], key);
}

type KeyValue = string | number | boolean;

/** Whether a field tells every item of a list apart. */
function names(items: readonly Json[], key: string): boolean {
  const values = items.map((item) => (isMap(item) ? item[key] : undefined));
  const scalar = values.every((value) => ['string', 'number', 'boolean'].includes(typeof value));
  return scalar && new Set(values).size === values.length;
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

function byOrder(before: readonly Json[], after: readonly Json[]): AlignedLists {
  const parts = diffArrays([...before], [...after], { comparator: (a, b) => isDeepStrictEqual(a, b) });
  const items: AlignedItem[] = [];
  let oldAt = 0;
  let newAt = 0;
  let pending: Json[] = [];
  const flush = (): void => {
    for (const [index, value] of pending.entries()) items.push({ step: oldAt - pending.length + index, before: value });
    pending = [];
  };
  for (const { added, removed, value } of parts) {
    if (removed) {
      flush();
      pending = value;
      oldAt += value.length;
    } else if (added) {
      // What comes in the place of what went is the same item, changed.
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
