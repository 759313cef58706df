import { type KubernetesObject, valueAt } from '../../../gitops/kubernetesObject';
import { isCrd } from './apiVersions';
import { readChart } from './chartFiles';
import type { RenderedChart } from './renderCharts';

/**
 * Names of the CRDs that an uninstall of a release deletes: from templates, without the annotation that keeps them. Helm never
 * deletes those of a crds/ folder.
 */
export function crdsNotKept({ objects = [], release, folder }: RenderedChart): string[] {
  if (typeof release === 'string' || folder === undefined) return [];
  const isKept = ({ metadata }: KubernetesObject): boolean =>
    valueAt(metadata, 'annotations', 'helm.sh/resource-policy') === 'keep';
  const deleted = objects.filter((object) => isCrd(object) && !isKept(object)).map(({ metadata }) => metadata.name);
  if (deleted.length === 0) return [];
  const { crds } = readChart(folder);
  return deleted.filter((name) => !crds.includes(name)).sort();
}
