import type { TreeObject } from '../tree';
import { type ClusterChange, kustomizationObject, kustomizationOf } from './clusterChange';
import { waitsFor } from './dependencies';
import { fateOf, fluxMark } from './fate';
import { type Found, type SignalRule, counted, listed } from './signal';

/** What becomes of objects that move: the new owner takes them over, the old one deletes them first, or either. */
type Outcome = 'adopted' | 'deleted' | 'either';

interface Move {
  from: string;
  to: string;
  objects: TreeObject[];
  outcome: Outcome;
  because: string;
}

/** The objects that another Kustomization applies from now on, by both Kustomizations and the outcome. */
function movesOf(change: ClusterChange): Move[] {
  const moves = new Map<string, Move>();
  for (const { before, after } of change.pairs) {
    if (before === undefined || after === undefined || after.release !== undefined) continue;
    if (before.kustomization === after.kustomization || before.object.metadata.name !== after.object.metadata.name)
      continue;
    const { kustomization: from } = before;
    const { kustomization: to } = after;
    const [outcome, because] = outcomeOf(change, before, to);
    const key = [from, to, outcome, because].join('\n');
    const move = moves.get(key) ?? { from, to, objects: [], outcome, because };
    move.objects.push(after);
    moves.set(key, move);
  }
  return [...moves.values()];
}

/**
 * kustomize-controller deletes an object that left a Kustomization only while it carries that Kustomization's labels, which the
 * new owner's apply replaces. So all depends on who comes first.
 */
function outcomeOf(change: ClusterChange, object: TreeObject, to: string): [Outcome, string] {
  const { kustomization: from } = object;
  if (['prune', 'reconcile'].some((name) => fluxMark(object.object, name) === 'disabled'))
    return ['adopted', 'they are marked, and nothing deletes them'];
  const fate = fateOf(change, object);
  if (!fate.deleted) return ['adopted', fate.reason];
  const { after } = change;
  if (waitsFor(after, from, to)) return ['adopted', `${from} waits for ${to}`];
  if (waitsFor(after, to, from)) return ['deleted', `${to} waits for ${from}`];
  const isNew = kustomizationOf(change.before, to) === undefined;
  if (isNew && kustomizationOf(after, to)?.parent === from)
    return ['deleted', `${from} makes ${to} and deletes in the same run`];
  return ['either', 'nothing in Git orders the two'];
}

function rule(outcome: Outcome, fixed: Omit<SignalRule, 'find'>): SignalRule {
  return {
    ...fixed,
    *find(change): Generator<Found> {
      for (const { from, to, objects, because, outcome: found } of movesOf(change)) {
        const owner = kustomizationOf(change.after, to);
        if (found !== outcome || owner === undefined) continue;
        const what = `${counted(objects.length, 'object')} move${objects.length === 1 ? 's' : ''} here from Kustomization ${from}: ${listed(objects)} (${because})`;
        yield { at: kustomizationObject(change.after, owner), what };
      }
    },
  };
}

const before = 'annotate the objects with kustomize.toolkit.fluxcd.io/prune: disabled in a commit before';

/** Signals about objects that move between Kustomizations. */
export const moveRules: readonly SignalRule[] = [
  rule('deleted', {
    id: 'move-deletes',
    severity: 'danger',
    when: 'objects move to a Kustomization that waits for the old one, or that the old one makes',
    why: 'the old one deletes them before the new one applies them: volumes and namespaces go with what they hold',
    todo: before,
  }),
  rule('either', {
    id: 'move-races',
    severity: 'danger',
    when: 'objects move to another Kustomization, and nothing orders the two',
    why: 'the old one deletes them unless the new one happens to apply them first',
    todo: `${before}, or let the old Kustomization depend on the new one`,
  }),
  rule('adopted', {
    id: 'move-adopts',
    severity: 'note',
    when: 'objects move to another Kustomization that is sure to take them over',
    why: 'the new one applies them first, and the old one then leaves them alone',
    todo: 'nothing, unless the order in dependsOn changes as well',
  }),
];
