import type { NotChecked, RawNotChecked } from './checks/check';
import { describeObject } from './kubernetesObject';
import { locate } from './locate';
import type { Tree } from './tree';

/** The name of the chart checks where they say what they did not check. */
export const chartsRule = 'charts';

/** What a rule could not decide, as it is reported. */
export function describeNotChecked(tree: Tree, rule: string, raw: RawNotChecked): NotChecked {
  const { cluster, object, path, reason, what } = raw;
  return {
    rule,
    object: object === undefined ? `cluster ${cluster.name}` : describeObject(object.object),
    clusters: [cluster.name],
    file: object?.file ?? cluster.kustomizations[0]?.file ?? cluster.entry,
    // On demand: most runs print only counts, and parsing all these files costs more than all rules.
    get line() {
      return object === undefined ? 1 : locate(tree, object, path).line;
    },
    reason,
    what,
  };
}

/** Merges what several clusters have in common. Reads no file. */
export function mergeNotChecked(entries: readonly NotChecked[]): NotChecked[] {
  const merged = new Map<string, NotChecked>();
  for (const entry of entries) {
    const key = [entry.rule, entry.file, entry.object, entry.reason, entry.what].join('\n');
    const same = merged.get(key);
    if (same === undefined) merged.set(key, entry);
    else same.clusters = [...new Set([...same.clusters, ...entry.clusters])].sort();
  }
  return [...merged.values()];
}
