import { isDeepStrictEqual } from 'node:util';
import { isKustomization } from '../checks/facts/dependencies';
import { type KubernetesObject, groupOf, specOf } from '../kubernetesObject';
import type { TreeObject } from '../tree';
import { type ClusterChange, changed, kustomizationObject, newOrChanged } from './clusterChange';
import { fluxMark } from './fate';
import { type Found, type SignalRule, counted } from './signal';

/** Whether a controller of Flux reconciles an object, and can be told to pause. */
function isFlux(object: KubernetesObject): boolean {
  return groupOf(object).endsWith('.toolkit.fluxcd.io');
}

const isSuspended = ({ object }: TreeObject): boolean => specOf(object)['suspend'] === true;

const suspended: SignalRule = {
  id: 'suspended',
  severity: 'warning',
  when: 'a Kustomization, HelmRelease or source is suspended, or is new and suspended',
  why: 'Flux no longer applies it: this and every later change waits, and nothing corrects what changes on the cluster',
  todo: 'note when it is to be resumed',
  *find(change): Generator<Found> {
    for (const { before, after } of newOrChanged(change)) {
      if (!isFlux(after.object) || !isSuspended(after) || (before !== undefined && isSuspended(before))) continue;
      yield {
        at: after,
        path: ['spec', 'suspend'],
        what: before === undefined ? 'is new and suspended' : 'is suspended',
      };
    }
  },
};

const resumed: SignalRule = {
  id: 'resumed',
  severity: 'warning',
  when: 'a Kustomization, HelmRelease or source is resumed',
  why: 'everything that was merged since it was suspended rolls out together, and what left Git meanwhile is deleted',
  todo: 'read what changed since, not this change alone',
  *find(change): Generator<Found> {
    for (const { before, after } of changed(change)) {
      if (!isFlux(after.object) || isSuspended(after) || !isSuspended(before)) continue;
      const id = `${after.object.metadata.namespace ?? ''}/${after.object.metadata.name}`;
      const objects = isKustomization(after.object)
        ? change.after.objects.filter(({ kustomization }) => kustomization === id).length
        : 0;
      const all = objects === 0 ? '' : `, with ${counted(objects, 'object')}`;
      yield { at: after, path: ['spec', 'suspend'], what: `is resumed${all}` };
    }
  },
};

const heldBack: SignalRule = {
  id: 'change-held-back',
  severity: 'warning',
  when: 'something changes that stays suspended, is marked reconcile: disabled, or that Flux applies only once',
  why: 'the change is in Git but not on the cluster',
  todo: 'resume it, or say in the pull request when it is to roll out',
  *find(change): Generator<Found> {
    for (const { before, after } of changed(change)) {
      const what = whyHeldBack(before, after);
      if (what !== undefined) yield { at: after, what };
    }
    for (const kustomization of change.after.kustomizations) {
      const old = change.before.kustomizations.find(({ id }) => id === kustomization.id);
      if (kustomization.skipped !== 'suspended' || old?.skipped !== 'suspended') continue;
      const files = changedFiles(change, kustomization.path);
      const at = kustomizationObject(change.after, kustomization);
      if (files > 0)
        yield {
          at,
          what: `stays suspended, and ${counted(files, 'file')} in ${kustomization.path} change${files === 1 ? 's' : ''}`,
        };
    }
  },
};

function whyHeldBack(before: TreeObject, after: TreeObject): string | undefined {
  if (isFlux(after.object)) {
    const withoutSuspend = ({ object }: TreeObject): KubernetesObject => {
      const { suspend: _, ...spec } = specOf(object);
      return { ...object, spec };
    };
    if (isSuspended(before) && isSuspended(after) && !isDeepStrictEqual(withoutSuspend(before), withoutSuspend(after)))
      return 'changes while it stays suspended';
  }
  if (after.release !== undefined) return undefined;
  if (fluxMark(after.object, 'reconcile') === 'disabled') return 'changes although it is marked reconcile: disabled';
  const mode = fluxMark(after.object, 'ssa');
  return mode === 'ifnotpresent'
    ? 'changes although Flux applies it only if it does not exist (ssa: IfNotPresent)'
    : undefined;
}

/** How many files of a folder differ between the trees. */
function changedFiles({ trees: { before, after } }: ClusterChange, folder: string): number {
  const all = new Set([...before.files, ...after.files].filter((file) => file.startsWith(`${folder}/`)));
  return [...all].filter((file) => before.read(file) !== after.read(file)).length;
}

const reconcileDisabled: SignalRule = {
  id: 'reconcile-disabled',
  severity: 'warning',
  when: 'an object is marked kustomize.toolkit.fluxcd.io/reconcile: disabled',
  why: 'Flux no longer applies or deletes it: what is on the cluster and what Git says drift apart unseen',
  todo: 'note when the mark is to go',
  *find(change): Generator<Found> {
    for (const { before, after } of changed(change)) {
      const is = ({ object }: TreeObject): boolean => fluxMark(object, 'reconcile') === 'disabled';
      if (is(after) && !is(before)) yield { at: after, what: 'is marked reconcile: disabled' };
    }
  },
};

const forceEnabled: SignalRule = {
  id: 'force-enabled',
  severity: 'warning',
  when: 'a Kustomization, HelmRelease or object gets force',
  why: 'from then on Flux deletes and re-creates what it cannot change, in any later commit too',
  todo: 'take force back once the one change is through',
  *find(change): Generator<Found> {
    for (const { before, after } of changed(change)) {
      const is = ({ object }: TreeObject): boolean =>
        (isKustomization(object) && specOf(object)['force'] === true) || fluxMark(object, 'force') === 'enabled';
      if (is(after) && !is(before)) yield { at: after, what: 'gets force' };
    }
  },
};

const pruneOff: SignalRule = {
  id: 'prune-off',
  severity: 'warning',
  when: 'a Kustomization stops pruning, or gets deletionPolicy Orphan',
  why: 'what leaves Git from then on stays on the cluster',
  todo: 'turn it on again once the one change is through',
  *find(change): Generator<Found> {
    for (const { before, after } of changed(change)) {
      if (!isKustomization(after.object)) continue;
      const [old, now] = [specOf(before.object), specOf(after.object)];
      if (old['prune'] === true && now['prune'] !== true)
        yield { at: after, path: ['spec', 'prune'], what: 'stops pruning' };
      if (now['deletionPolicy'] === 'Orphan' && old['deletionPolicy'] !== 'Orphan')
        yield { at: after, path: ['spec', 'deletionPolicy'], what: 'gets deletionPolicy Orphan' };
    }
  },
};

/** Signals about what Flux does with a change. */
export const fluxRules: readonly SignalRule[] = [
  suspended,
  resumed,
  heldBack,
  reconcileDisabled,
  forceEnabled,
  pruneOff,
];
