import { explainedBy } from '../../../gitops/drift/fluxStates';
import type { Drift } from '../drift';
import type { FluxObjects } from './fluxObjects';

/**
 * Has the findings of missing objects explain those that follow from them: what was in a missing namespace, the objects of a missing
 * CRD, and what is not ready because of a missing object of Flux.
 */
export function withMissingParents(drift: readonly Drift[], { all }: FluxObjects): Drift[] {
  const missing = drift.filter(({ id }) => id.endsWith('-object-missing'));
  return drift.map((finding) => {
    if (!missing.includes(finding)) return finding;
    const [kind = '', name = ''] = finding.object.split(' ');
    const within =
      kind === 'Namespace'
        ? missing.filter(({ object }) => object.split(' ')[1]?.startsWith(`${name}/`)).map(({ object }) => object)
        : [];
    const explains = [...within, ...explainedBy(finding.object, finding.owner, all)];
    return explains.length === 0 ? finding : { ...finding, explains: [...(finding.explains ?? []), ...explains] };
  });
}
