import { isDeepStrictEqual } from 'node:util';
import { type KubernetesObject, describeObject, isMap } from '../../../gitops/kubernetesObject';
import { ManifestError } from '../../../gitops/manifestError';
import { renderApplied } from '../../../gitops/render/renderApplied';
import type { Tree, TreeCluster, TreeKustomization } from '../../../gitops/tree';

/** How the program's renderer compares with Flux's, over the Kustomizations that Flux's could render. */
export interface Comparison {
  /** `<cluster> <Kustomization>`, with the number of objects that are equal. */
  same: [string, number][];
  /** What the program refuses, each as `<cluster> <Kustomization>: <problem>`. */
  refused: string[];
  /** Where the program returns something else than Flux: each as `<cluster> <Kustomization>: <object>`. */
  different: string[];
}

// What flux-render still returns an object for, although Flux does not apply it.
const notApplied = new Set(['substitution-failed', 'variable-unset', 'render-failed']);

/** Renders every Kustomization of a tree with the program's renderer and compares each object. */
export function compareRenderers(tree: Tree): Comparison {
  const result: Comparison = { same: [], refused: [], different: [] };
  for (const cluster of tree.clusters) {
    for (const kustomization of cluster.kustomizations) {
      if (kustomization.skipped === 'external' || kustomization.skipped === 'failed') continue;
      const id = `${cluster.name} ${kustomization.id}`;
      const rendered = render(tree.root, kustomization);
      if (rendered instanceof ManifestError) {
        result.refused.push(...rendered.problems.map((problem) => `${id}: ${problem}`));
        continue;
      }
      const [own, theirs] = [byIdentity(rendered), byIdentity(objectsOf(cluster, kustomization))];
      const names = [...new Set([...own.keys(), ...theirs.keys()])];
      const different = names.filter((name) => !isDeepStrictEqual(own.get(name), theirs.get(name)));
      result.different.push(...different.map((name) => `${id}: ${name}`));
      const applies = !cluster.problems.some((one) => one.kustomization === kustomization.id && notApplied.has(one.id));
      if (!applies) result.different.push(`${id}: rendered, and Flux refuses it`);
      if (different.length === 0 && applies) result.same.push([id, rendered.length]);
    }
  }
  return result;
}

function render(
  root: string,
  { parent, object, path, variables }: TreeKustomization,
): KubernetesObject[] | ManifestError {
  // That of an entry point is only what flux-render assumes.
  const kustomization = parent === undefined ? { ...object, spec: { path, ...patchesOf(object) } } : object;
  try {
    return renderApplied(root, kustomization, variables).map((applied) => applied.object);
  } catch (error) {
    if (error instanceof ManifestError) return error;
    throw error;
  }
}

function patchesOf({ spec }: KubernetesObject): { patches?: KubernetesObject['spec'] } {
  return isMap(spec) && spec['patches'] !== undefined ? { patches: spec['patches'] } : {};
}

function objectsOf({ objects }: TreeCluster, { id }: TreeKustomization): KubernetesObject[] {
  return objects.filter(({ kustomization }) => kustomization === id).map(({ object }) => object);
}

/** As plain data: what structuredClone returns has the prototypes of another realm under Jest. */
function byIdentity(objects: readonly KubernetesObject[]): Map<string, unknown> {
  return new Map(
    objects.map((object) => [`${object.apiVersion} ${describeObject(object)}`, JSON.parse(JSON.stringify(object))]),
  );
}
