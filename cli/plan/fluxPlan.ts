import { describeObject, listOf, specOf, textOf, valueAt } from '../../gitops/kubernetesObject';
import type { RenderedTree } from '../../gitops/render/renderAll';
import type { TreeKustomization } from '../../gitops/tree';

/** What Flux applies with one Kustomization. */
export interface AppliedKustomization {
  /** `namespace/name` */
  id: string;
  /** The Kustomizations that must be ready first, by id. */
  after: string[];
  path: string;
  suspended: boolean;
  /** `HelmRelease kube-system/cilium`, in the order of its folder; absent if they are not known. */
  objects?: string[];
  /** Why its objects are not known. */
  why?: string[];
}

/** The Kustomizations of a cluster in the order in which Flux gets to them, the entry point first. */
export function fluxPlan({ kustomizations, objects, failures }: RenderedTree): AppliedKustomization[] {
  return inOrder(kustomizations).map((kustomization): AppliedKustomization => {
    const { id, path, object, skipped } = kustomization;
    const suspended = specOf(object)['suspend'] === true;
    const entry = { id, after: dependenciesOf(kustomization), path, suspended };
    if (skipped === 'external') return { ...entry, why: ['its source is another repository'] };
    if (skipped !== undefined) return { ...entry, why: failures[id] ?? ['it cannot be rendered'] };
    return {
      ...entry,
      objects: objects
        .filter((applied) => applied.kustomization === id)
        .map(({ object: applied }) => describeObject(applied)),
    };
  });
}

function dependenciesOf({ object, namespace }: TreeKustomization): string[] {
  return listOf(specOf(object)['dependsOn']).map(
    (other) => `${textOf(valueAt(other, 'namespace'), namespace)}/${textOf(valueAt(other, 'name'))}`,
  );
}

/** Each after its parent and its dependencies, otherwise as they are. What depends on itself comes last. */
function inOrder(kustomizations: readonly TreeKustomization[]): TreeKustomization[] {
  const ordered: TreeKustomization[] = [];
  const done = new Set<string>();
  const known = new Set(kustomizations.map(({ id }) => id));
  let waiting = [...kustomizations];
  while (waiting.length > 0) {
    const ready = waiting.filter((each) =>
      [...dependenciesOf(each), ...(each.parent === undefined ? [] : [each.parent])].every(
        (id) => done.has(id) || !known.has(id),
      ),
    );
    if (ready.length === 0) return [...ordered, ...waiting];
    ordered.push(...ready);
    for (const { id } of ready) done.add(id);
    waiting = waiting.filter((each) => !ready.includes(each));
  }
  return ordered;
}
