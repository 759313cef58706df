import type { TreeCluster, TreeObject } from '../tree';
import { type ObjectPair, pairObjects } from './pairObjects';

/**
 * The objects of a cluster before and after, in pairs, without those of which one side says nothing: an object is not gone
 * because its Kustomization is suspended, is rendered from another source now, or failed to render.
 */
export function comparablePairs(before: TreeCluster | undefined, after: TreeCluster | undefined): ObjectPair[] {
  return pairObjects(before?.objects ?? [], after?.objects ?? []).filter(({ before: old, after: current }) => {
    if (old === undefined) return current === undefined || !mayBeUnrendered(before, current, after);
    return current !== undefined || !mayBeUnrendered(after, old, before);
  });
}

/** Whether an object may be missing only because the Kustomization that applies or defines it was not rendered. */
function mayBeUnrendered(
  missingIn: TreeCluster | undefined,
  object: TreeObject,
  otherSide: TreeCluster | undefined,
): boolean {
  if (missingIn === undefined) return false;
  const owner = nearestOwner(missingIn, object.kustomization, otherSide);
  if (owner?.skipped !== undefined) return true;
  // Where one failed, what it would have defined is not known.
  const declared = missingIn.kustomizations.some(({ id }) => id === object.kustomization);
  return !declared && missingIn.kustomizations.some(({ skipped }) => skipped === 'failed');
}

/** The Kustomization with this id, or the nearest one above it that the cluster has. */
function nearestOwner(
  cluster: TreeCluster,
  id: string,
  otherSide: TreeCluster | undefined,
): TreeCluster['kustomizations'][number] | undefined {
  const seen = new Set<string>();
  for (let at: string | undefined = id; at !== undefined && !seen.has(at);) {
    seen.add(at);
    const current: string = at;
    const found = cluster.kustomizations.find((candidate) => candidate.id === current);
    if (found !== undefined) return found;
    at = otherSide?.kustomizations.find((candidate) => candidate.id === current)?.parent;
  }
  return undefined;
}
