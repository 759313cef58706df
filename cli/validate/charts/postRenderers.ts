import {
  type BuiltObject,
  type KubernetesObject,
  isMap,
  listOf,
  specOf,
  valueAt,
} from '../../../gitops/kubernetesObject';
import { applyPatches, parsePatch } from '../../../gitops/render/patchList';
import type { TreeObject } from '../../../gitops/tree';

/** Whether Helm runs an object at a point of a release's life instead of keeping it. */
export function isHook({ metadata }: KubernetesObject): boolean {
  return valueAt(metadata, 'annotations', 'helm.sh/hook') !== undefined;
}

/**
 * The objects of a chart after its release's post-renderers, which do not see hooks. A text with the reason if that cannot be told:
 * other than patches, kustomize's transformers are not imitated here.
 */
export function postRendered(
  { file, object: release }: TreeObject,
  objects: KubernetesObject[],
): KubernetesObject[] | string {
  const built = objects
    .filter((object) => !isHook(object))
    .map((object): BuiltObject => {
      const copy = structuredClone(object);
      return { object: copy, origins: [{ file, line: 1, text: '' }] };
    });
  for (const renderer of listOf(specOf(release)['postRenderers'])) {
    const kustomize = valueAt(renderer, 'kustomize');
    const { patches, ...rest } = isMap(kustomize) ? kustomize : {};
    const [other] = Object.keys(rest);
    if (other !== undefined) return `its post-renderer uses ${other}, which is not rendered here`;
    try {
      const parsed = listOf(patches).map((patch) => parsePatch(patch, { file, line: 1, text: '' }, file));
      applyPatches(built, parsed);
    } catch (error) {
      return `its post-renderers cannot be applied: ${(error as Error).message}`;
    }
  }
  return [...built.map(({ object }) => object), ...objects.filter(isHook)];
}
