import { isHelmRelease } from '../../../gitops/checks/sources/charts';
import type { KubernetesObject } from '../../../gitops/kubernetesObject';
import type { Tree, TreeCluster, TreeObject } from '../../../gitops/tree';
import { inParallel } from '../../../clients/process/inParallel';
import { apiVersionsOf, isDefinition } from './apiVersions';
import type { Charts } from './helm';
import { type Release, readRelease } from './release';

/** How many Helm processes run at once. */
const atOnce = 4;

/** A HelmRelease and what became of its chart. */
export interface RenderedChart {
  cluster: TreeCluster;
  treeObject: TreeObject;
  /** What could be read of the release; a text says why it could not. */
  release: Release | string;
  /** Folder of the chart; absent when it could not be had. */
  folder?: string;
  /** Why the chart could not be had. */
  notHad?: string;
  /** What the chart renders to; absent when it does not. */
  objects?: KubernetesObject[];
  /** Helm's words when it does not render. */
  refused?: string;
}

/** Pulls the chart of every HelmRelease and renders it with the release's values and the APIs of its cluster. */
export async function renderCharts(tree: Tree, charts: Charts): Promise<RenderedChart[]> {
  const folders = new Map<string, Promise<Pick<RenderedChart, 'folder' | 'notHad'>>>();
  const pull = (release: Release): Promise<Pick<RenderedChart, 'folder' | 'notHad'>> => {
    const { url, version } = release.chart;
    const key = `${url} ${version}`;
    const known = folders.get(key);
    if (known !== undefined) return known;
    const pulled = charts.pull(release.chart).then(
      (folder) => ({ folder }),
      (error: Error) => ({ notHad: `${url} ${version} cannot be pulled: ${lastLine(error.message)}` }),
    );
    folders.set(key, pulled);
    return pulled;
  };
  const releases = tree.clusters.flatMap((cluster) =>
    cluster.objects
      .filter(({ object }) => isHelmRelease(object))
      .map((treeObject) => ({ cluster, treeObject, release: readRelease(cluster, treeObject) })),
  );
  const pulled = await inParallel(atOnce, releases, async (one): Promise<RenderedChart> => {
    return typeof one.release === 'string' ? one : { ...one, ...(await pull(one.release)) };
  });
  const first = await templateAll(pulled, charts, () => []);
  // A chart may render more where another has declared its kinds: as on the cluster, that is known only now.
  const definitions = (cluster: TreeCluster): KubernetesObject[] =>
    first.filter((one) => one.cluster === cluster).flatMap(({ objects }) => (objects ?? []).filter(isDefinition));
  const byCluster = new Map(tree.clusters.map((cluster) => [cluster, definitions(cluster)]));
  return templateAll(pulled, charts, (cluster) => byCluster.get(cluster) ?? []);
}

function templateAll(
  pulled: readonly RenderedChart[],
  charts: Charts,
  definitions: (cluster: TreeCluster) => KubernetesObject[],
): Promise<RenderedChart[]> {
  return inParallel(atOnce, pulled, async (one) => {
    const { cluster, release, folder } = one;
    if (typeof release === 'string' || folder === undefined) return one;
    try {
      return { ...one, objects: await charts.template(folder, release, apiVersionsOf(cluster, definitions(cluster))) };
    } catch (error) {
      return { ...one, refused: (error as Error).message };
    }
  });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
