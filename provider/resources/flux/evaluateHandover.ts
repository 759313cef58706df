import { conditionOf, type ConditionedObject } from '../../../clients/kubernetes/objects';

/** The Flux objects at one point in time; objects that do not exist are undefined or missing. */
export interface FluxSnapshot {
  operator?: ConditionedObject & { status?: { availableReplicas?: number } };
  instance?: ConditionedObject;
  source?: ConditionedObject & { status?: { artifact?: { revision?: string } } };
  kustomizations: FluxKustomization[];
  /** Of all namespaces. */
  helmReleases: ConditionedObject[];
}

/** The properties of a Flux Kustomization that we use. */
export interface FluxKustomization extends ConditionedObject {
  spec?: { suspend?: boolean; sourceRef?: { kind?: string; name?: string; namespace?: string } };
  status?: ConditionedObject['status'] & { lastAppliedRevision?: string };
}

/** When the handover is complete. */
export interface HandoverGoal {
  fluxNamespace: string;
  /** Names of Kustomizations in that namespace. */
  kustomizations: readonly string[];
  /** Accepted commits: the tip of the branch when the wait started, and later tips. */
  acceptedCommits: ReadonlySet<string>;
}

/** An object that is not ready, and why. */
export interface NotReady {
  /** `Kustomization cilium` */
  what: string;
  why: string;
}

/** The state of the handover. */
export interface HandoverProgress {
  /** The commit, if the handover is complete. */
  revision?: string;
  /** Every object that is not ready, in a fixed order. */
  waiting: NotReady[];
  /** Objects that stay as they are until a person acts: suspended by hand, or given up by their controller. */
  blocked: NotReady[];
}

/** Whether the handover is complete, and otherwise what it waits for. */
export function evaluateHandover(snapshot: FluxSnapshot, goal: HandoverGoal): HandoverProgress {
  const commit = commitOf(snapshot.source?.status?.artifact?.revision);
  const waiting = [
    notReady('Deployment flux-operator', operatorProblem(snapshot.operator)),
    notReady('FluxInstance flux', notReadyReason(snapshot.instance)),
    notReady(`GitRepository ${goal.fluxNamespace}`, sourceProblem(snapshot.source, commit, goal)),
    ...goal.kustomizations.map((name) => {
      const found = snapshot.kustomizations.find(({ metadata }) => metadata.name === name);
      return notReady(`Kustomization ${name}`, kustomizationProblem(found, goal));
    }),
  ].filter((item) => item !== undefined);
  if (waiting.length === 0 && commit !== undefined) return { revision: commit, waiting, blocked: [] };
  return { waiting, blocked: blockedObjects(snapshot, goal) };
}

/** The label with the name of the Kustomization that applied an object. */
const appliedBy = 'kustomize.toolkit.fluxcd.io/name';

function blockedObjects({ source, kustomizations, helmReleases }: FluxSnapshot, goal: HandoverGoal): NotReady[] {
  const waiting = kustomizations.filter(
    (one) => goal.kustomizations.includes(one.metadata.name) && kustomizationProblem(one, goal) !== undefined,
  );
  const names = new Set(waiting.map(({ metadata }) => metadata.name));
  // A release that no unready Kustomization has applied, or that Git suspends, does not delay the handover.
  const releases = helmReleases.filter(
    (one) =>
      names.has(one.metadata.labels?.[appliedBy] ?? '') && notReadyReason(one) !== undefined && !isSuspendedInGit(one),
  );
  return [
    notReady(`GitRepository ${goal.fluxNamespace}`, blockedReason(source, `source git ${goal.fluxNamespace}`)),
    ...waiting.map((one) =>
      notReady(`Kustomization ${one.metadata.name}`, blockedReason(one, `kustomization ${one.metadata.name}`)),
    ),
    ...releases.map((one) => {
      const { namespace = '', name } = one.metadata;
      return notReady(`HelmRelease ${namespace}/${name}`, blockedReason(one, `helmrelease -n ${namespace} ${name}`));
    }),
  ].filter((item) => item !== undefined);
}

function isSuspendedInGit({ spec, metadata }: ConditionedObject): boolean {
  const byFlux = metadata.managedFields?.some(
    ({ manager, fieldsV1 }) => manager === 'kustomize-controller' && fieldsV1?.['f:spec']?.['f:suspend'] !== undefined,
  );
  return spec?.['suspend'] === true && byFlux === true;
}

/** Why an object stays as it is until a person acts; undefined if its controller is still at work. */
function blockedReason(object: ConditionedObject | undefined, resume: string): string | undefined {
  if (object === undefined) return undefined;
  if (object.spec?.['suspend'] === true) return `is suspended; resume it: flux resume ${resume}`;
  const stalled = conditionOf(object, 'Stalled');
  if (stalled?.status !== 'True') return undefined;
  if (stalled.observedGeneration !== undefined && stalled.observedGeneration < (object.metadata.generation ?? 0))
    return undefined;
  return `is stalled, its controller does not retry: ${stalled.message || stalled.reason || 'no reason given'}`;
}

/** The commit in a revision such as `refs/heads/main@sha1:…`. */
export function commitOf(revision: string | undefined): string | undefined {
  return /(?:^|[@/:])([0-9a-f]{40}|[0-9a-f]{64})$/.exec(revision ?? '')?.[1];
}

/** Why an object is not ready, as its controller reports it; undefined if it is ready. */
export function notReadyReason(object: ConditionedObject | undefined): string | undefined {
  if (!object) return 'does not exist yet';
  const ready = conditionOf(object, 'Ready');
  if (!ready) return 'its controller has not reported a status yet';
  const observed = ready.observedGeneration ?? object.status?.observedGeneration;
  if (observed !== undefined && observed < (object.metadata.generation ?? 0))
    return 'its controller has not processed the latest change';
  if (ready.status === 'True') return undefined;
  return `${ready.message || ready.reason || 'not ready'}`;
}

function notReady(what: string, why: string | undefined): NotReady | undefined {
  return why === undefined ? undefined : { what, why };
}

function operatorProblem(operator: FluxSnapshot['operator']): string | undefined {
  if (!operator) return 'does not exist yet';
  if ((operator.status?.availableReplicas ?? 0) > 0) return undefined;
  return conditionOf(operator, 'Available')?.message ?? 'it has no available pod';
}

function sourceProblem(source: FluxSnapshot['source'], commit: string | undefined, goal: HandoverGoal) {
  const problem = notReadyReason(source);
  if (problem !== undefined) return problem;
  if (commit !== undefined && goal.acceptedCommits.has(commit)) return undefined;
  return `is at ${short(commit)}, expected ${[...goal.acceptedCommits].map(short).join(' or ')}`;
}

function kustomizationProblem(kustomization: FluxKustomization | undefined, goal: HandoverGoal): string | undefined {
  if (kustomization?.spec?.suspend) return blockedReason(kustomization, `kustomization ${kustomization.metadata.name}`);
  const problem = notReadyReason(kustomization);
  if (problem !== undefined) return problem;
  const revision = kustomization?.status?.lastAppliedRevision;
  if (!revision) return 'has not applied any commit yet';
  // The revision of a Kustomization with another source, such as a third-party repository, is of that source.
  const commit = commitOf(revision);
  if (!usesOurRepository(kustomization, goal) || (commit !== undefined && goal.acceptedCommits.has(commit)))
    return undefined;
  return `has applied ${short(commit)}, expected ${[...goal.acceptedCommits].map(short).join(' or ')}`;
}

function usesOurRepository(kustomization: FluxKustomization, { fluxNamespace }: HandoverGoal): boolean {
  const { kind, name, namespace = fluxNamespace } = kustomization.spec?.sourceRef ?? {};
  return kind === 'GitRepository' && name === fluxNamespace && namespace === fluxNamespace;
}

function short(commit: string | undefined): string {
  return commit?.slice(0, 12) ?? 'no commit';
}
