import { describeObject } from '../kubernetesObject';
import type { Tree, TreeCluster, TreeObject } from '../tree';
import type { ClusterDiff, ObjectDiff, ValueChange } from './changes';
import { allPairs } from './allPairs';
import { diffValues } from './diffValues';
import type { ObjectPair } from './pairObjects';
import { maskChanges, secretValues } from './secrets';

/**
 * The changes on each cluster, by object and value, sorted, with secrets masked. Clusters without changes are omitted. If
 * one side could not render a Kustomization, its objects are not reported as added or removed; the Kustomization is listed
 * in `notCompared` instead.
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

/** A tree and its cluster; absent if the tree does not have that cluster. */
interface Side {
  tree: Tree;
  cluster?: TreeCluster;
}

function diffCluster(name: string, before: Side, after: Side): ClusterDiff {
  const objects = allPairs({ before: before.tree, after: after.tree }, { before: before.cluster, after: after.cluster })
    .pairs.flatMap((pair) => diffPair(pair, before, after) ?? [])
    .sort(compareObjects);
  const notCompared = [...unrendered('before', before.cluster), ...unrendered('after', after.cluster)];
  const change = before.cluster === undefined ? 'added' : after.cluster === undefined ? 'removed' : 'changed';
  return { cluster: name, change, objects, notCompared };
}

function unrendered(side: 'before' | 'after', cluster: TreeCluster | undefined): ClusterDiff['notCompared'] {
  const failed = (cluster?.kustomizations ?? []).filter(({ skipped }) => skipped === 'failed');
  return failed
    .map(({ id }) => ({ kustomization: id, side }))
    .sort((a, b) => compare(a.kustomization, b.kustomization));
}

function diffPair(
  { before: oldObject, after: newObject }: ObjectPair,
  before: Side,
  after: Side,
): ObjectDiff | undefined {
  const shown = newObject ?? oldObject;
  if (shown === undefined) return undefined;
  const changes = diffValues(oldObject?.object, newObject?.object);
  if (oldObject !== undefined && newObject !== undefined)
    changes.push(...otherChanges(oldObject, newObject, before.tree, after.tree));
  if (changes.length === 0) return undefined;
  const secrets = [secretsOn(before.cluster, oldObject), secretsOn(after.cluster, newObject)].flat();
  const { apiVersion, kind } = shown.object;
  return {
    object: describeObject(shown.object),
    apiVersion,
    change: oldObject === undefined ? 'added' : newObject === undefined ? 'removed' : 'changed',
    kustomization: shown.kustomization,
    ...(shown.release === undefined ? {} : { release: shown.release }),
    file: shown.file,
    values: maskChanges(changes, kind, [...new Set(secrets)]),
  };
}

function secretsOn(cluster: TreeCluster | undefined, object: TreeObject | undefined): string[] {
  return cluster === undefined || object === undefined ? [] : secretValues(cluster, object);
}

/** Changes that equal rendered objects do not show: the Kustomization that applies them, and encrypted values. */
function otherChanges(oldObject: TreeObject, newObject: TreeObject, before: Tree, after: Tree): ValueChange[] {
  const changes: ValueChange[] = [];
  if (oldObject.kustomization !== newObject.kustomization) {
    const note = `moved from Kustomization ${oldObject.kustomization} to ${newObject.kustomization}`;
    changes.push({
      path: '',
      note: `${note}; with prune, the old one deletes the object unless the new one applies it first`,
    });
  }
  if ((oldObject.encrypted ?? newObject.encrypted) && before.read(oldObject.file) !== after.read(newObject.file)) {
    changes.push({ path: '', note: 'the file with its encrypted values changed' });
  }
  return changes;
}

function compareObjects(a: ObjectDiff, b: ObjectDiff): number {
  return (
    compare(a.kustomization, b.kustomization) ||
    compare(a.release ?? '', b.release ?? '') ||
    compare(a.object, b.object) ||
    compare(a.apiVersion, b.apiVersion)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
