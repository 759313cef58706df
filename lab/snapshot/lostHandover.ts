import { bootstrapKustomizations, fluxNamespace } from '../../cluster/bootstrapOrder';
import { commitOf, type FluxSnapshot } from '../../provider/resources/flux/evaluateHandover';

/**
 * What a cluster lacks that had been handed over; empty if Flux still has it: its operator runs, its source has one of those
 * commits, and it has applied everything that was handed over. `Ready` does not count: after a start, the controllers reconcile
 * everything again, and until then some of it waits for the rest.
 */
export function lostHandover(flux: FluxSnapshot, commits: ReadonlySet<string>): string[] {
  const lost: string[] = [];
  if ((flux.operator?.status?.availableReplicas ?? 0) === 0) lost.push('Deployment flux-operator has no available pod');
  if (flux.instance === undefined) lost.push('FluxInstance flux does not exist');
  const commit = commitOf(flux.source?.status?.artifact?.revision);
  if (commit === undefined || !commits.has(commit)) {
    const expected = [...commits].map((id) => id.slice(0, 12)).join(' or ');
    lost.push(`GitRepository ${fluxNamespace} is at ${commit?.slice(0, 12) ?? 'no commit'}, expected ${expected}`);
  }
  for (const name of [fluxNamespace, ...bootstrapKustomizations]) {
    const found = flux.kustomizations.find(({ metadata }) => metadata.name === name);
    if (found?.status?.lastAppliedRevision === undefined) lost.push(`Kustomization ${name} has not applied any commit`);
  }
  return lost;
}
