import { isHelmRelease, targetNamespace } from '../checks/facts/charts';
import { clusterScopedKinds } from '../checks/facts/referenceTable';
import { type KubernetesObject, groupOf } from '../kubernetesObject';
import type { Tree, TreeCluster, TreeObject } from '../tree';
import { comparablePairs } from './comparable';
import { type ObjectPair, pairObjects } from './pairObjects';

/** Every object of a cluster before and after: those in Git, and those of charts that were rendered. */
export interface AllPairs {
  pairs: ObjectPair[];
  /** HelmReleases, as `namespace/name`, whose charts were rendered on each side that has them. */
  rendered: Set<string>;
}

/** The objects of a cluster before and after, as far as both sides are known. */
export function allPairs(
  trees: { before: Tree; after: Tree },
  clusters: { before?: TreeCluster; after?: TreeCluster },
): AllPairs {
  const git = comparablePairs(clusters.before, clusters.after);
  const releases = git.filter((pair) => isRendered(pair, trees));
  return {
    pairs: [...git, ...releases.flatMap((pair) => chartPairs(pair, trees))],
    rendered: new Set(releases.flatMap(({ before, after }) => idOf((after ?? before)?.object))),
  };
}

/** Whether the chart of a HelmRelease was rendered on each side that has it. */
function isRendered({ before, after }: ObjectPair, trees: { before: Tree; after: Tree }): boolean {
  const has = (tree: Tree, object: TreeObject | undefined): boolean =>
    object === undefined || tree.chartObjects?.has(object) === true;
  return isHelmRelease((after ?? before)?.object ?? noObject) && has(trees.before, before) && has(trees.after, after);
}

const noObject: KubernetesObject = { apiVersion: '', kind: '', metadata: { name: '' } };

/** The objects of a release's chart before and after. */
function chartPairs({ before, after }: ObjectPair, trees: { before: Tree; after: Tree }): ObjectPair[] {
  const side = (tree: Tree, release: TreeObject | undefined): TreeObject[] =>
    release === undefined ? [] : (tree.chartObjects?.get(release) ?? []).map((object) => ofChart(release, object));
  return pairObjects(side(trees.before, before), side(trees.after, after));
}

/** An object of a chart as if it were in Git: it has the release's file, and its namespace where it sets none. */
function ofChart(release: TreeObject, object: KubernetesObject): TreeObject {
  const scoped = isClusterScoped(object);
  const metadata = scoped ? object.metadata : { namespace: targetNamespace(release), ...object.metadata };
  return { ...release, object: { ...object, metadata }, release: idOf(release.object)[0] ?? '' };
}

/** Whether a kind that charts render has no namespace; of kinds that are not listed, those named after the cluster. */
function isClusterScoped(object: KubernetesObject): boolean {
  return (
    clusterScopedKinds.has(`${groupOf(object)}/${object.kind}`) ||
    /^Cluster[A-Z]|WebhookConfiguration$|AdmissionPolicyBinding$/.test(object.kind)
  );
}

function idOf(object: KubernetesObject | undefined): string[] {
  return object === undefined ? [] : [`${object.metadata.namespace ?? ''}/${object.metadata.name}`];
}
