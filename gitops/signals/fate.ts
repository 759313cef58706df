import { type Json, describeObject, groupOf, specOf, valueAt } from '../kubernetesObject';
import type { TreeObject } from '../tree';
import { type ClusterChange, kustomizationObject, kustomizationOf, removed } from './clusterChange';

/** What happens on the cluster to an object that leaves Git: it is deleted, or it stays for a reason. */
export type Fate = { deleted: true } | { deleted: false; reason: string };

const deleted: Fate = { deleted: true };
const kept = (reason: string): Fate => ({ deleted: false, reason });

/**
 * What Flux does with an object that leaves Git or a chart, by the rules of kustomize-controller 1.7.2 (`prune` and
 * `finalize` in kustomization_controller.go) and of Helm. The object is taken to be as Git last had it: an annotation that
 * was set on the cluster by hand is not known here.
 */
export function fateOf(change: ClusterChange, object: TreeObject): Fate {
  const own = object.release === undefined ? fateInGit(change, object) : fateInChart(change, object, object.release);
  if (own.deleted) return own;
  const home = removed(change).find(
    ({ object: other }) =>
      other.kind === 'Namespace' && groupOf(other) === '' && other.metadata.name === object.object.metadata.namespace,
  );
  return home !== undefined && home !== object && fateOf(change, home).deleted ? deleted : own;
}

function fateInGit(change: ClusterChange, { object, kustomization }: TreeObject): Fate {
  const mark = ['prune', 'reconcile'].find((name) => fluxMark(object, name) === 'disabled');
  if (mark !== undefined) return kept(`it is marked kustomize.toolkit.fluxcd.io/${mark}: disabled`);
  const now = kustomizationOf(change.after, kustomization);
  if (now !== undefined) {
    const spec = specOf(now.object);
    if (spec['suspend'] === true) return kept(`Kustomization ${kustomization} is suspended`);
    return spec['prune'] === true ? deleted : kept(`Kustomization ${kustomization} does not prune`);
  }
  const last = kustomizationOf(change.before, kustomization);
  if (last?.parent === undefined) return kept(`what becomes of Kustomization ${kustomization} is not in Git`);
  const ofOwner = fateInGit(change, kustomizationObject(change.before, last));
  if (!ofOwner.deleted) return kept(`Kustomization ${kustomization} stays on the cluster: ${ofOwner.reason}`);
  return finalized(specOf(last.object), kustomization);
}

/** What a Kustomization does with its objects when it is deleted itself. */
function finalized(spec: Record<string, Json | undefined>, id: string): Fate {
  if (spec['suspend'] === true) return kept(`Kustomization ${id} is suspended when it is deleted`);
  const policy = spec['deletionPolicy'] ?? 'MirrorPrune';
  if (policy === 'Delete' || policy === 'WaitForTermination') return deleted;
  if (policy === 'Orphan') return kept(`Kustomization ${id} has deletionPolicy Orphan`);
  return spec['prune'] === true ? deleted : kept(`Kustomization ${id} does not prune`);
}

/** Helm deletes what a new version of a chart lacks, and everything at an uninstall, unless the object says otherwise. */
function fateInChart(change: ClusterChange, { object }: TreeObject, release: string): Fate {
  if (valueAt(object.metadata, 'annotations', 'helm.sh/resource-policy') === 'keep')
    return kept('it is marked helm.sh/resource-policy: keep');
  const pair = change.pairs.find(({ before, after }) => isRelease((after ?? before)?.object, release));
  const isSuspended = (of: TreeObject | undefined): boolean =>
    of !== undefined && specOf(of.object)['suspend'] === true;
  if (isSuspended(pair?.after ?? pair?.before)) return kept(`HelmRelease ${release} is suspended`);
  if (pair?.after !== undefined || pair?.before === undefined) return deleted;
  const ofRelease = fateInGit(change, pair.before);
  return ofRelease.deleted ? deleted : kept(`HelmRelease ${release} stays on the cluster: ${ofRelease.reason}`);
}

function isRelease(object: TreeObject['object'] | undefined, id: string): boolean {
  return object?.kind === 'HelmRelease' && describeObject(object) === `HelmRelease ${id}`;
}

/** The value of one of kustomize-controller's marks, which it reads from annotations and labels alike. */
export function fluxMark(object: TreeObject['object'], name: string): string | undefined {
  const key = `kustomize.toolkit.fluxcd.io/${name}`;
  const value = valueAt(object.metadata, 'annotations', key) ?? valueAt(object.metadata, 'labels', key);
  return typeof value === 'string' ? value.toLowerCase() : undefined;
}
