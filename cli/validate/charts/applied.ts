import { type Json, type KubernetesObject, specOf, valueAt } from '../../../gitops/kubernetesObject';
import { isCrd } from './apiVersions';
import { readChart } from './chartFiles';
import { isHook } from './postRenderers';
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
  return chart.postRenderError ?? (chart.objects ?? []).filter((object) => !isHook(object));
}
