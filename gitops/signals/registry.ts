import { secretValues, withoutSecretValues } from '../diff/secrets';
import { describeObject } from '../kubernetesObject';
import { locate } from '../locate';
import type { Tree } from '../tree';
import { accessRules } from './access';
import { availabilityRules } from './availability';
import { type ClusterChange, type SchemaSource, clusterChange } from './clusterChange';
import { dataRules } from './data';
import { dependencyRules } from './dependencies';
import { fluxRules } from './flux';
import { imageRules } from './imageRules';
import { immutableRules } from './immutable';
import { moveRules } from './moves';
import { networkRules } from './networkAccess';
import { pruneRules } from './prune';
import { rbacRules } from './rbac';
import { secretRules } from './secretReaders';
import { type Found, type Signal, type SignalRule, severities } from './signal';
import { sizeRules } from './size';

/** Every rule, by subject. */
export const signalRules: readonly SignalRule[] = [
  ...dataRules,
  ...pruneRules,
  ...immutableRules,
  ...accessRules,
  ...rbacRules,
  ...networkRules,
  ...secretRules,
  ...availabilityRules,
  ...fluxRules,
  ...moveRules,
  ...dependencyRules,
  ...imageRules,
  ...sizeRules,
];

/** The clusters that exist before and after, each with what changes on it. */
export function clusterChanges(before: Tree, after: Tree, schemas?: SchemaSource): ClusterChange[] {
  return after.clusters.flatMap((now) => {
    const was = before.clusters.find(({ name }) => name === now.name);
    if (was === undefined) return [];
    return [clusterChange(now.name, { before, after }, { before: was, after: now }, schemas)];
  });
}

/**
 * The signals of changes: the worst first, then by rule and object. One that several clusters raise alike is one signal. A
 * cluster that is new or gone raises none: all of it changes.
 */
export function signalsOf(changes: readonly ClusterChange[], rules: readonly SignalRule[] = signalRules): Signal[] {
  const merged = new Map<string, Signal>();
  for (const change of changes) {
    for (const rule of rules) {
      for (const found of rule.find(change)) {
        const signal = toSignal(change, rule, found);
        const { clusters: _, ...rest } = signal;
        const key = JSON.stringify(rest);
        const same = merged.get(key);
        if (same === undefined) merged.set(key, signal);
        else if (!same.clusters.includes(change.name)) same.clusters.push(change.name);
      }
    }
  }
  const order = signalRules.map(({ id }) => id);
  return [...merged.values()].sort(
    (a, b) =>
      severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
      order.indexOf(a.id) - order.indexOf(b.id) ||
      compare(a.object, b.object) ||
      compare(a.what, b.what),
  );
}

function toSignal({ name, trees, before, after }: ClusterChange, rule: SignalRule, found: Found): Signal {
  const { at, what, path = [], why = rule.why, todo = rule.todo } = found;
  const tree = after.objects.includes(at) || at.release !== undefined ? trees.after : trees.before;
  // The file of a chart's object is the release's, where its own fields are not.
  const place = at.release === undefined ? locate(tree, at, path) : { file: at.file, line: 1 };
  return {
    id: rule.id,
    severity: rule.severity,
    clusters: [name],
    object: describeObject(at.object),
    kustomization: at.kustomization,
    ...(at.release === undefined ? {} : { release: at.release }),
    ...place,
    what: withoutSecretValues(what, [...secretValues(before, at), ...secretValues(after, at)]),
    why,
    todo,
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
