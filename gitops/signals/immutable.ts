import { specOf, valueAt } from '../kubernetesObject';
import { type ClusterChange, changed, kustomizationOf } from './clusterChange';
import { fluxMark } from './fate';
import { refusedChanges } from './immutableFields';
import type { Refused } from './transitionRules';
import type { Found, SignalRule } from './signal';
import type { TreeObject } from '../tree';

/** Whether Flux deletes and re-creates an object where the API server refuses a change of it. */
function isForced({ after }: ClusterChange, { object, kustomization, release }: TreeObject): boolean {
  // Helm's force replaces, and the API server refuses that just the same.
  if (release !== undefined) return false;
  const owner = kustomizationOf(after, kustomization);
  return fluxMark(object, 'force') === 'enabled' || (owner !== undefined && specOf(owner.object)['force'] === true);
}

/** Whether Flux leaves an object alone that exists. */
function isLeftAlone({ object, release }: TreeObject): boolean {
  const mode = fluxMark(object, 'ssa');
  return (
    release === undefined &&
    (mode === 'ifnotpresent' || mode === 'ignore' || fluxMark(object, 'reconcile') === 'disabled')
  );
}

function* refused(change: ClusterChange, forced: boolean): Generator<Found & { fields: Refused[] }> {
  for (const pair of changed(change)) {
    if (isLeftAlone(pair.after) || isForced(change, pair.after) !== forced) continue;
    const fields = refusedChanges(pair, change.schemaOf(pair.after.object));
    const [first] = fields;
    if (first === undefined) continue;
    yield { at: pair.after, path: first.path, what: fields.map(({ what }) => what).join('; '), fields };
  }
}

const immutableChanged: SignalRule = {
  id: 'immutable-changed',
  severity: 'danger',
  when: 'a field changes that the API server does not let change: Kubernetes 1.34, and transition rules of CRDs',
  why: 'the API server refuses it, and Flux applies nothing of the Kustomization until it is taken back',
  todo: 'give the object a new name, or delete it by hand at a time of your choice',
  *find(change): Generator<Found> {
    for (const { at, path, what } of refused(change, false)) {
      const { release } = at;
      const why = 'the API server refuses it: the upgrade of the release fails and is rolled back or retried';
      yield { at, path, what, ...(release === undefined ? {} : { why }) };
    }
  },
};

const recreated: SignalRule = {
  id: 'recreated-by-force',
  severity: 'danger',
  when: 'the same, where force lets Flux delete and re-create the object',
  why: 'force makes Flux delete and re-create the object: it is gone in between, and what belonged to it goes with it',
  todo: 'take a backup and expect an outage, or set force to false and give the object a new name',
  *find(change): Generator<Found> {
    for (const { at, path, what } of refused(change, true)) {
      // A job that ran has no more to lose.
      if (at.object.kind === 'Job') continue;
      const isClaim = at.object.kind === 'PersistentVolumeClaim';
      const why = 'force makes Flux delete and re-create the claim: its volume goes, and the new one is empty';
      const templates =
        at.object.kind === 'StatefulSet' && valueAt(at.object, 'spec', 'volumeClaimTemplates') !== undefined;
      const ofSet =
        'force makes Flux delete and re-create the StatefulSet: its pods stop, and its claims stay as they are';
      yield { at, path, what, ...(isClaim ? { why } : templates ? { why: ofSet } : {}) };
    }
  },
};

/** Signals about fields that cannot change. */
export const immutableRules: readonly SignalRule[] = [immutableChanged, recreated];
