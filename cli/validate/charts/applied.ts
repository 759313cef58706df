import {
  type BuiltObject,
  type Json,
  type KubernetesObject,
  isMap,
  listOf,
  specOf,
  valueAt,
} from '../../../gitops/kubernetesObject';
import { applyPatches, parsePatch } from '../../../gitops/render/patchList';
import { isCrd } from './apiVersions';
import { readChart } from './chartFiles';
import type { RenderedChart } from './renderCharts';

/**
 * What helm-controller applies of a chart before and after: without hooks and tests, with the patches of post-renderers, and
 * with the CRDs of crds/ as far as the release's policy lets it touch them. A text with the reason if that cannot be told.
 */
export function withoutUnapplied(
  before: RenderedChart | undefined,
  after: RenderedChart | undefined,
): { before: KubernetesObject[]; after: KubernetesObject[] } | string {
  const [old, now] = [objectsOf(before), objectsOf(after)];
  if (typeof old === 'string') return old;
  if (typeof now === 'string') return now;
  if (before === undefined || after === undefined) {
    // An uninstall leaves what is in crds/, and an install creates it unless told otherwise.
    const skips = after !== undefined && crdPolicy(after, 'install', 'Create') === 'Skip';
    return { before: withoutCrds(before, old), after: skips ? withoutCrds(after, now) : now };
  }
  const policy = crdPolicy(after, 'upgrade', 'Skip');
  const [oldCrds, newCrds] = [crdsIn(before, old), crdsIn(after, now)];
  // Helm never deletes a CRD of crds/.
  const stays = (object: KubernetesObject): boolean => newCrds.has(object.metadata.name);
  if (policy === 'CreateReplace')
    return { before: old.filter((object) => !oldCrds.has(object.metadata.name) || stays(object)), after: now };
  const isOld = (object: KubernetesObject): boolean => policy === 'Skip' || oldCrds.has(object.metadata.name);
  return {
    before: withoutCrds(before, old),
    after: now.filter((object) => !(newCrds.has(object.metadata.name) && isCrd(object) && isOld(object))),
  };
}

function crdPolicy({ treeObject }: RenderedChart, action: 'install' | 'upgrade', otherwise: string): Json {
  return valueAt(specOf(treeObject.object), action, 'crds') ?? otherwise;
}

/** Names of the rendered CRDs that are in crds/ of the chart. */
function crdsIn({ folder }: RenderedChart, objects: readonly KubernetesObject[]): Set<string> {
  if (folder === undefined) return new Set();
  const { crds } = readChart(folder);
  return new Set(
    objects
      .filter((object) => isCrd(object) && crds.includes(object.metadata.name))
      .map(({ metadata }) => metadata.name),
  );
}

function withoutCrds(chart: RenderedChart | undefined, objects: KubernetesObject[]): KubernetesObject[] {
  if (chart === undefined) return objects;
  const names = crdsIn(chart, objects);
  return objects.filter((object) => !(isCrd(object) && names.has(object.metadata.name)));
}

function objectsOf(chart: RenderedChart | undefined): KubernetesObject[] | string {
  if (chart === undefined) return [];
  const objects = (chart.objects ?? []).filter(
    ({ metadata }) => valueAt(metadata, 'annotations', 'helm.sh/hook') === undefined,
  );
  return postRendered(chart, objects);
}

/** The objects after the release's post-renderers. Other than patches, kustomize's transformers are not imitated here. */
function postRendered({ treeObject }: RenderedChart, objects: KubernetesObject[]): KubernetesObject[] | string {
  const { file } = treeObject;
  const built = objects.map((object): BuiltObject => {
    const copy = structuredClone(object);
    return { object: copy, origins: [{ file, line: 1, text: '' }] };
  });
  for (const renderer of listOf(specOf(treeObject.object)['postRenderers'])) {
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
  return built.map(({ object }) => object);
}
