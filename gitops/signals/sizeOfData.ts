import { show } from '../checks/finding';
import { kindOf } from '../checks/facts/references';
import { type Json, isMap, listOf } from '../kubernetesObject';
import { quantity } from '../quantity';
import type { ObjectPath } from '../sources';
import { type KeptPair, changed } from './clusterChange';
import { atPath, leavesOf, pathName, valuesPairs } from './leaves';
import type { Found, SignalRule } from './signal';
import { type StorageField, storageFields } from './storageFields';

/** The paths of a field pattern in an object. */
function* pathsOf(value: Json | undefined, steps: readonly string[], path: ObjectPath = []): Generator<ObjectPath> {
  const [step, ...rest] = steps;
  if (step === undefined) yield path;
  else if (step === '*')
    for (const [index, item] of listOf(value).entries()) yield* pathsOf(item, rest, [...path, index]);
  else if (isMap(value) && value[step] !== undefined) yield* pathsOf(value[step], rest, [...path, step]);
}

function* smaller({ before, after }: KeptPair, counts: StorageField['counts']): Generator<Found> {
  const kind = kindOf(after);
  for (const field of storageFields) {
    if (field.of !== kind || field.counts !== counts) continue;
    for (const path of pathsOf(before.object, field.path.split('.'))) {
      const [old, now] = [atPath(before.object, path), atPath(after.object, path)];
      if (isLess(now, old))
        yield { at: after, path, what: `${pathName(path)} goes down from ${show(old)} to ${show(now)}` };
    }
  }
}

function isLess(now: Json | undefined, old: Json | undefined): boolean {
  const [a, b] = [quantity(now), quantity(old)];
  return a !== undefined && b !== undefined && a < b;
}

const sizeKey = /^(size|storage|capacity|storageSize|volumeSize|diskSize)$/;
const sized = /^\d+(\.\d+)?([KMGTPE]i?)$/;

const volumeShrunk: SignalRule = {
  id: 'volume-shrunk',
  severity: 'danger',
  when: 'the size of a volume goes down: a claim, CloudNativePG, Kafka, Dragonfly, or a size in chart values',
  why: 'no volume shrinks: the API server or the operator refuses it, and what goes with it is not applied',
  todo: 'keep the size, or move the data to a new volume and then change the name',
  *find(change): Generator<Found> {
    for (const pair of changed(change)) yield* smaller(pair, 'bytes');
    for (const { at, before, after } of valuesPairs(change)) {
      for (const { path, value } of leavesOf(before)) {
        // A limit of memory has the same form.
        if (!sizeKey.test(String(path.at(-1))) || !sized.test(show(value))) continue;
        if (path.some((step) => step === 'limits' || /memory|cache|emptydir/i.test(String(step)))) continue;
        const now = atPath(after, path);
        if (!isLess(now, value)) continue;
        const full = ['spec', 'values', ...path];
        yield { at, path: full, what: `${pathName(full)} goes down from ${show(value)} to ${show(now)}` };
      }
    }
  },
};

/** Where the charts of Rook and CloudNativePG have the specs of pools, clusters and monitors. */
const copiesInValues =
  /(^|\.)(replicated\.size|erasureCoded\.(data|coding)Chunks|cephClusterSpec\.mon\.count|cluster\.instances)$/;

const fewerCopies: SignalRule = {
  id: 'fewer-copies-of-data',
  severity: 'danger',
  when: 'members or copies that hold data go down: CloudNativePG, Ceph, Kafka, Dragonfly; also in the values of their charts',
  why: 'what only the removed copies hold is lost, and less may fail before the data is',
  todo: 'make sure that the rest is healthy and holds everything before it is merged',
  *find(change): Generator<Found> {
    for (const pair of changed(change)) yield* smaller(pair, 'copies');
    for (const { at, before, after } of valuesPairs(change)) {
      for (const { path, value } of leavesOf(before)) {
        const now = atPath(after, path);
        const names = path.filter((step) => typeof step === 'string').join('.');
        if (!copiesInValues.test(names) || typeof value !== 'number' || !isLess(now, value)) continue;
        const full = ['spec', 'values', ...path];
        yield { at, path: full, what: `${pathName(full)} goes down from ${value} to ${show(now)}` };
      }
    }
  },
};

/** Signals about data that gets less room, or fewer copies. */
export const sizeOfDataRules: readonly SignalRule[] = [volumeShrunk, fewerCopies];
