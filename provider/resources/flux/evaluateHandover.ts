import { conditionOf, type ConditionedObject } from '../../../clients/kubernetes/objects';

/** What the API holds of Flux at one moment; absent objects are undefined or missing. */
export interface FluxSnapshot {
  operator?: ConditionedObject & { status?: { availableReplicas?: number } };
  instance?: ConditionedObject;
  source?: ConditionedObject & { status?: { artifact?: { revision?: string } } };
  kustomizations: FluxKustomization[];
}

/** A Flux Kustomization as far as we look into it. */
export interface FluxKustomization extends ConditionedObject {
  spec?: { suspend?: boolean; sourceRef?: { kind?: string; name?: string; namespace?: string } };
  status?: ConditionedObject['status'] & { lastAppliedRevision?: string };
}

/** What the handover wants. */
export interface HandoverGoal {
  fluxNamespace: string;
  /** Names of Kustomizations in that namespace. */
  kustomizations: readonly string[];
  /** Commits that will do: the branch's tip when the wait began, and later tips. */
  acceptedCommits: ReadonlySet<string>;
}

/** One thing that is not as wanted, and why. */
export interface Waiting {
  /** `Kustomization cilium` */
  what: string;
  why: string;
}

/** Whether the handover is reached; if so with the commit, if not with all that is missing, in a fixed order. */
export function evaluateHandover(
  snapshot: FluxSnapshot,
  goal: HandoverGoal,
): { revision?: string; waiting: Waiting[] } {
  const commit = commitOf(snapshot.source?.status?.artifact?.revision);
  const waiting = [
    missing('Deployment flux-operator', operatorTrouble(snapshot.operator)),
    missing('FluxInstance flux', readyTrouble(snapshot.instance)),
    missing(`GitRepository ${goal.fluxNamespace}`, sourceTrouble(snapshot.source, commit, goal)),
    ...goal.kustomizations.map((name) => {
      const found = snapshot.kustomizations.find(({ metadata }) => metadata.name === name);
      return missing(`Kustomization ${name}`, kustomizationTrouble(found, goal));
    }),
  ].filter((item) => item !== undefined);
  return waiting.length === 0 && commit !== undefined ? { revision: commit, waiting } : { waiting };
}

/** The commit in a revision such as `refs/heads/main@sha1:…`. */
export function commitOf(revision: string | undefined): string | undefined {
  return /(?:^|[@/:])([0-9a-f]{40}|[0-9a-f]{64})$/.exec(revision ?? '')?.[1];
}

/** Why the object is not ready, in its controller's words; undefined if it is. */
export function readyTrouble(object: ConditionedObject | undefined): string | undefined {
  if (!object) return 'does not exist yet';
  const ready = conditionOf(object, 'Ready');
  if (!ready) return 'its controller has said nothing yet';
  const observed = ready.observedGeneration ?? object.status?.observedGeneration;
  if (observed !== undefined && observed < (object.metadata.generation ?? 0))
    return 'its controller has not seen the newest change';
  if (ready.status === 'True') return undefined;
  return `${ready.message || ready.reason || 'not ready'}`;
}

function missing(what: string, why: string | undefined): Waiting | undefined {
  return why === undefined ? undefined : { what, why };
}

function operatorTrouble(operator: FluxSnapshot['operator']): string | undefined {
  if (!operator) return 'does not exist yet';
  if ((operator.status?.availableReplicas ?? 0) > 0) return undefined;
  return conditionOf(operator, 'Available')?.message ?? 'no pod of it is available';
}

function sourceTrouble(source: FluxSnapshot['source'], commit: string | undefined, goal: HandoverGoal) {
  const trouble = readyTrouble(source);
  if (trouble !== undefined) return trouble;
  if (commit !== undefined && goal.acceptedCommits.has(commit)) return undefined;
  return `is at ${short(commit)}, wanted is ${[...goal.acceptedCommits].map(short).join(' or ')}`;
}

function kustomizationTrouble(kustomization: FluxKustomization | undefined, goal: HandoverGoal): string | undefined {
  if (kustomization?.spec?.suspend) return 'is suspended; resume it: flux resume kustomization';
  const trouble = readyTrouble(kustomization);
  if (trouble !== undefined) return trouble;
  const revision = kustomization?.status?.lastAppliedRevision;
  if (!revision) return 'has applied nothing yet';
  // A Kustomization of another source, such as a third-party repository, has that one's revision.
  const commit = commitOf(revision);
  if (!readsOurBranch(kustomization, goal) || (commit !== undefined && goal.acceptedCommits.has(commit)))
    return undefined;
  return `has applied ${short(commit)}, wanted is ${[...goal.acceptedCommits].map(short).join(' or ')}`;
}

function readsOurBranch(kustomization: FluxKustomization, { fluxNamespace }: HandoverGoal): boolean {
  const { kind, name, namespace = fluxNamespace } = kustomization.spec?.sourceRef ?? {};
  return kind === 'GitRepository' && name === fluxNamespace && namespace === fluxNamespace;
}

function short(commit: string | undefined): string {
  return commit?.slice(0, 12) ?? 'no commit';
}
