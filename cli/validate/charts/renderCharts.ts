import { isHelmRelease } from '../../../gitops/checks/facts/charts';
import type { KubernetesObject } from '../../../gitops/kubernetesObject';
import type { Tree, TreeCluster, TreeObject } from '../../../gitops/tree';
import { mapConcurrently } from '../../../clients/process/mapConcurrently';
import { apiVersionsOf, isCrd } from './apiVersions';
import type { Charts } from './helm';
import { postRendered } from './postRenderers';
import { type Release, readRelease } from './release';

/** How many Helm processes run in parallel. */
const maxProcesses = 4;

/** A HelmRelease and the result of rendering its chart. */
export interface RenderedChart {
  cluster: TreeCluster;
  treeObject: TreeObject;
  /** The release, or a string with the reason why its chart cannot be rendered. */
  release: Release | string;
  /** Folder of the chart; absent if it could not be pulled. */
  folder?: string;
  /** Why the chart could not be pulled. */
  pullError?: string;
  /** The rendered objects, after the release's post-renderers; absent if the chart does not render. */
  objects?: KubernetesObject[];
  /** Why `objects` are those before the post-renderers. */
  postRenderError?: string;
  /** Helm's message if the chart does not render. */
  renderError?: string;
}

type Pulled = Pick<RenderedChart, 'folder' | 'pullError'>;

/**
 * Pulls the chart of every HelmRelease, or of those that `isMeant` picks, and renders it with the release's values and the
 * APIs of its cluster.
 */
export async function renderCharts(
  tree: Tree,
  charts: Charts,
  isMeant: (release: TreeObject) => boolean = () => true,
): Promise<RenderedChart[]> {
  const folders = new Map<string, Promise<Pulled>>();
  const pull = (release: Release): Promise<Pulled> => {
    const { url, version } = release.chart;
    const key = `${url} ${version} ${release.chart.digest ?? ''}`;
    const pending = folders.get(key);
    if (pending !== undefined) return pending;
    const pulled = charts.pull(release.chart).then(
      (folder) => ({ folder }),
      (error: Error) => ({ pullError: `${url} ${version} cannot be pulled: ${lastLine(error.message)}` }),
    );
    folders.set(key, pulled);
    return pulled;
  };
  const releases = tree.clusters.flatMap((cluster) =>
    cluster.objects
      .filter((treeObject) => isHelmRelease(treeObject.object) && isMeant(treeObject))
      .map((treeObject) => ({ cluster, treeObject, release: readRelease(cluster, treeObject) })),
  );
  const pulled = await mapConcurrently(maxProcesses, releases, async (chart): Promise<RenderedChart> => {
    return typeof chart.release === 'string' ? chart : { ...chart, ...(await pull(chart.release)) };
  });
  const first = await templateAll(pulled, charts, () => []);
  // A chart may render more once another chart has declared its CRDs, so render again with the CRDs of the first pass.
  const crdsOf = (cluster: TreeCluster): KubernetesObject[] =>
    first.filter((chart) => chart.cluster === cluster).flatMap(({ objects }) => (objects ?? []).filter(isCrd));
  const byCluster = new Map(tree.clusters.map((cluster) => [cluster, crdsOf(cluster)]));
  return templateAll(pulled, charts, (cluster) => byCluster.get(cluster) ?? []);
}

function templateAll(
  pulled: readonly RenderedChart[],
  charts: Charts,
  crdsOf: (cluster: TreeCluster) => KubernetesObject[],
): Promise<RenderedChart[]> {
  return mapConcurrently(maxProcesses, pulled, async (chart) => {
    const { cluster, treeObject, release, folder } = chart;
    if (typeof release === 'string' || folder === undefined) return chart;
    try {
      const objects = await charts.template(folder, release, apiVersionsOf(cluster, crdsOf(cluster)));
      const applied = postRendered(treeObject, objects);
      return typeof applied === 'string'
        ? { ...chart, objects, postRenderError: applied }
        : { ...chart, objects: applied };
    } catch (error) {
      return { ...chart, renderError: (error as Error).message };
    }
  });
}

/** Why Flux applies something else than `objects`. */
export function changedAfterwards({ release, postRenderError }: RenderedChart): string | undefined {
  return typeof release === 'string' ? undefined : (release.changedAfterwards ?? postRenderError);
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
