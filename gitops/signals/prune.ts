import { isHelmRelease } from '../checks/facts/charts';
import { isKustomization } from '../checks/facts/dependencies';
import { describeObject, specOf } from '../kubernetesObject';
import type { TreeObject } from '../tree';
import { type ClusterChange, kustomizationObject, kustomizationOf, removed } from './clusterChange';
import { fateOf } from './fate';
import { type Found, type SignalRule, counted, listed } from './signal';

/** The objects that leave, by the Kustomization or release that owned them. */
function byOwner(objects: readonly TreeObject[]): TreeObject[][] {
  const groups = new Map<string, TreeObject[]>();
  for (const object of objects) {
    const key = `${object.kustomization} ${object.release ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), object]);
  }
  return [...groups.values()];
}

/** The Kustomization of an object, to show a signal at; the old one if it left Git too. */
function ownerObject({ before, after }: ClusterChange, object: TreeObject): TreeObject {
  for (const cluster of [after, before]) {
    const owner = kustomizationOf(cluster, object.kustomization);
    if (owner !== undefined) return kustomizationObject(cluster, owner);
  }
  return object;
}

const pruned: SignalRule = {
  id: 'objects-deleted',
  severity: 'warning',
  when: 'objects leave Git or a chart, and Flux (prune, deletionPolicy) or Helm deletes them',
  why: 'deleting on the cluster cannot be undone by a revert: what they held is not in Git',
  todo: 'make sure that each is meant to go',
  *find(change): Generator<Found> {
    const gone = removed(change).filter((object) => fateOf(change, object).deleted);
    const owners = new Set(gone.map(({ kustomization }) => kustomization));
    // A Kustomization or release that goes shows as what goes with it.
    const isShown = ({ object, release }: TreeObject): boolean =>
      release === undefined &&
      (isHelmRelease(object) ||
        (isKustomization(object) && owners.has(`${object.metadata.namespace ?? ''}/${object.metadata.name}`)));
    for (const group of byOwner(gone.filter((object) => !isShown(object)))) {
      const [first] = group;
      if (first === undefined) continue;
      const by = first.release === undefined ? 'Flux' : `Helm (release ${first.release})`;
      const what = `${by} deletes ${counted(group.length, 'object')}: ${listed(group)}`;
      yield { at: ownerObject(change, first), what };
    }
  },
};

const orphaned: SignalRule = {
  id: 'objects-orphaned',
  severity: 'warning',
  when: 'objects leave Git or a chart but stay on the cluster: no prune, deletionPolicy Orphan, suspended, marked',
  why: 'they go on running as they were, and nothing in Git knows of them any more',
  todo: 'delete them by hand after the merge, or let Flux prune them',
  *find(change): Generator<Found> {
    const groups = new Map<string, TreeObject[]>();
    for (const object of removed(change)) {
      const fate = fateOf(change, object);
      if (fate.deleted) continue;
      const key = `${object.kustomization}\n${fate.reason}`;
      groups.set(key, [...(groups.get(key) ?? []), object]);
    }
    for (const [key, group] of groups) {
      const [first] = group;
      if (first === undefined) continue;
      const what = `${counted(group.length, 'object')} stay${group.length === 1 ? 's' : ''} on the cluster: ${listed(group)} (${key.split('\n')[1]})`;
      yield { at: ownerObject(change, first), what };
    }
  },
};

const suspended = ({ object }: TreeObject): boolean => specOf(object)['suspend'] === true;

const uninstalled: SignalRule = {
  id: 'release-uninstalled',
  severity: 'warning',
  when: 'a HelmRelease leaves Git and Flux uninstalls it',
  why: 'Helm deletes what the chart made, its volume claims and CRDs included, except what is marked helm.sh/resource-policy: keep',
  todo: 'see what the chart made (--charts lists it), and back up its data',
  *find(change): Generator<Found> {
    for (const object of removed(change)) {
      if (object.release !== undefined || !isHelmRelease(object.object) || !fateOf(change, object).deleted) continue;
      if (suspended(object)) continue;
      yield { at: object, what: 'leaves Git, and Flux uninstalls the release' };
    }
  },
};

const suspendedLeaves: SignalRule = {
  id: 'suspended-leaves',
  severity: 'warning',
  when: 'a suspended HelmRelease or Kustomization leaves Git',
  why: 'a suspended object is deleted without its finalizer: what it made stays on the cluster without an owner',
  todo: 'resume it in a commit before, or clean up by hand',
  *find(change): Generator<Found> {
    for (const object of removed(change)) {
      const isFlux = isHelmRelease(object.object) || isKustomization(object.object);
      if (!isFlux || object.release !== undefined || !suspended(object) || !fateOf(change, object).deleted) continue;
      yield { at: object, what: `leaves Git while ${describeObject(object.object)} is suspended` };
    }
  },
};

/** Signals about what leaves Git. */
export const pruneRules: readonly SignalRule[] = [uninstalled, pruned, orphaned, suspendedLeaves];
