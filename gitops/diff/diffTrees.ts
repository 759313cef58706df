import { describeObject } from '../kubernetesObject';
import type { Tree, TreeCluster, TreeObject } from '../tree';
import type { ClusterDiff, ObjectDiff, ValueChange } from './changes';
import { diffValues } from './diffValues';
import { type ObjectPair, pairObjects } from './pairObjects';
import { maskChanges, secretValues } from './secrets';

/**
 * What would change on each cluster, object by object and value by value, with secrets masked; sorted. Clusters on which
 * nothing changes are left out. Objects of a Kustomization that one side could not render are not reported as new or gone;
 * it is named in `notCompared` instead.
 */
export function diffTrees(before: Tree, after: Tree): ClusterDiff[] {
  const names = [...new Set([...before.clusters, ...after.clusters].map(({ name }) => name))].sort();
  const find = (tree: Tree, cluster: string): TreeCluster | undefined =>
    tree.clusters.find(({ name }) => name === cluster);
  return names
    .map((name) =>
      diffCluster(name, { tree: before, cluster: find(before, name) }, { tree: after, cluster: find(after, name) }),
    )
    .filter(({ change, objects, notCompared }) => change !== 'changed' || objects.length > 0 || notCompared.length > 0);
}

/** A cluster on one side; absent when that side has it not. */
interface Side {
  tree: Tree;
  cluster?: TreeCluster;
}

function diffCluster(name: string, before: Side, after: Side): ClusterDiff {
  const objects = pairObjects(before.cluster?.objects ?? [], after.cluster?.objects ?? [])
    .filter(({ before: old, after: now }) =>
      old === undefined
        ? !mayBeUnrendered(before.cluster, now)
        : now !== undefined || !mayBeUnrendered(after.cluster, old),
    )
    .flatMap((pair) => diffPair(pair, before, after) ?? [])
    .sort(compareObjects);
  const notCompared = [...unrendered('before', before.cluster), ...unrendered('after', after.cluster)];
  const change = before.cluster === undefined ? 'added' : after.cluster === undefined ? 'removed' : 'changed';
  return { cluster: name, change, objects, notCompared };
}

function unrendered(side: 'before' | 'after', cluster: TreeCluster | undefined): ClusterDiff['notCompared'] {
  const failed = (cluster?.kustomizations ?? []).filter(({ skipped }) => skipped === 'failed');
  return failed.map(({ id }) => ({ kustomization: id, side })).sort((a, b) => order(a.kustomization, b.kustomization));
}

/** Whether a side may hold an object without showing it: its Kustomization failed there, or one that would declare it. */
function mayBeUnrendered(cluster: TreeCluster | undefined, object: TreeObject | undefined): boolean {
  if (cluster === undefined || object === undefined) return false;
  if (!cluster.kustomizations.some(({ skipped }) => skipped === 'failed')) return false;
  const owner = cluster.kustomizations.find(({ id }) => id === object.kustomization);
  return owner === undefined || owner.skipped === 'failed';
}

function diffPair({ before: old, after: now }: ObjectPair, before: Side, after: Side): ObjectDiff | undefined {
  const shown = now ?? old;
  if (shown === undefined) return undefined;
  const changes = diffValues(old?.object, now?.object);
  if (old !== undefined && now !== undefined) changes.push(...otherChanges(old, now, before.tree, after.tree));
  if (changes.length === 0) return undefined;
  const secrets = [secretsOn(before.cluster, old), secretsOn(after.cluster, now)].flat();
  const { apiVersion, kind } = shown.object;
  return {
    object: describeObject(shown.object),
    apiVersion,
    change: old === undefined ? 'added' : now === undefined ? 'removed' : 'changed',
    kustomization: shown.kustomization,
    file: shown.file,
    values: maskChanges(changes, kind, [...new Set(secrets)]),
  };
}

function secretsOn(cluster: TreeCluster | undefined, object: TreeObject | undefined): string[] {
  return cluster === undefined || object === undefined ? [] : secretValues(cluster, object);
}

/** What differs although the rendered objects may be equal: who applies it, and values that are encrypted. */
function otherChanges(old: TreeObject, now: TreeObject, before: Tree, after: Tree): ValueChange[] {
  const changes: ValueChange[] = [];
  if (old.kustomization !== now.kustomization) {
    const note = `is applied by Kustomization ${now.kustomization}, before by ${old.kustomization}`;
    changes.push({ path: '', note: `${note}; one that prunes deletes what another has not taken over` });
  }
  if ((old.encrypted ?? now.encrypted) && before.read(old.file) !== after.read(now.file)) {
    changes.push({ path: '', note: 'its file with encrypted values changed' });
  }
  return changes;
}

function compareObjects(a: ObjectDiff, b: ObjectDiff): number {
  return order(a.kustomization, b.kustomization) || order(a.object, b.object) || order(a.apiVersion, b.apiVersion);
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
