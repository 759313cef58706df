import { isDeepStrictEqual } from 'node:util';
import { isHelmRelease } from '../../../gitops/checks/facts/charts';
import { comparablePairs } from '../../../gitops/diff/comparable';
import { type KubernetesObject, describeObject } from '../../../gitops/kubernetesObject';
import type { Tree, TreeCluster, TreeObject } from '../../../gitops/tree';
import { withoutUnapplied } from '../charts/applied';
import type { Charts } from '../charts/helm';
import { type Release, readRelease } from '../charts/release';
import { type RenderedChart, renderCharts } from '../charts/renderCharts';

/** A release of which is not known what changes inside its chart. */
export interface UnknownChart {
  cluster: string;
  /** `HelmRelease namespace/name`. */
  release: string;
  /** What could not be had or rendered, and why. */
  reason: string;
}

/** What rendering the charts of changed releases gave. */
export interface ComparedCharts {
  /** Both trees, with the objects of the charts that were rendered on both sides. */
  before: Tree;
  after: Tree;
  /** How many releases were compared. */
  compared: number;
  unknown: UnknownChart[];
}

/** A release before and after; absent on the side that lacks it. */
interface ReleasePair {
  cluster: string;
  /** `HelmRelease namespace/name`. */
  release: string;
  before?: TreeObject;
  after?: TreeObject;
}

/** The releases whose chart, values or name change, or that are new or go. */
export function changedReleases(before: Tree, after: Tree): ReleasePair[] {
  return after.clusters.flatMap((now) => {
    const was = before.clusters.find(({ name }) => name === now.name);
    return comparablePairs(was, now).flatMap((pair): ReleasePair[] => {
      const object = (pair.after ?? pair.before)?.object;
      if (object === undefined || !isHelmRelease(object)) return [];
      const same = isDeepStrictEqual(contentOf(was, pair.before), contentOf(now, pair.after));
      return same ? [] : [{ cluster: now.name, release: describeObject(object), ...pair }];
    });
  });
}

/** What a release renders from; of one that cannot be rendered, its own object and why. */
function contentOf(cluster: TreeCluster | undefined, release: TreeObject | undefined): unknown {
  if (cluster === undefined || release === undefined) return undefined;
  const read = readRelease(cluster, release);
  return typeof read === 'string' ? [read, release.object] : [read, policyOf(release)];
}

function policyOf({ object }: TreeObject): unknown {
  return (object['spec'] as { postRenderers?: unknown } | undefined)?.postRenderers;
}

/**
 * Renders the charts of the releases that change, before and after. A chart that cannot be fetched or rendered on one side is
 * in `unknown`, and its objects on the other side are left out: they would all look new or gone.
 */
export async function compareCharts(before: Tree, after: Tree, charts: Charts): Promise<ComparedCharts> {
  const pairs = changedReleases(before, after);
  const meant = new Set(pairs.flatMap((pair) => [pair.before ?? [], pair.after ?? []].flat()));
  const isMeant = (release: TreeObject): boolean => meant.has(release);
  const rendered = new Map<TreeObject, RenderedChart>();
  for (const tree of [before, after])
    for (const chart of await renderCharts(tree, charts, isMeant)) rendered.set(chart.treeObject, chart);
  const objects = {
    before: new Map<TreeObject, KubernetesObject[]>(),
    after: new Map<TreeObject, KubernetesObject[]>(),
  };
  const unknown: UnknownChart[] = [];
  let compared = 0;
  for (const { cluster, release, ...pair } of pairs) {
    const [old, now] = [pair.before, pair.after].map((release) =>
      release === undefined ? undefined : rendered.get(release),
    );
    const reasons = [...new Set([old, now].flatMap((chart) => reasonOf(chart) ?? []))];
    const applied = reasons.length > 0 ? undefined : withoutUnapplied(old, now);
    if (typeof applied === 'string') reasons.push(applied);
    unknown.push(...reasons.map((reason) => ({ cluster, release, reason: `${reason}; its changes are unknown` })));
    if (applied === undefined || typeof applied === 'string') continue;
    compared += 1;
    if (pair.before !== undefined) objects.before.set(pair.before, applied.before);
    if (pair.after !== undefined) objects.after.set(pair.after, applied.after);
  }
  return {
    before: { ...before, chartObjects: objects.before },
    after: { ...after, chartObjects: objects.after },
    compared,
    unknown,
  };
}

/** Why a chart is not rendered; undefined if it is. */
function reasonOf(chart: RenderedChart | undefined): string | undefined {
  if (chart === undefined) return undefined;
  const { release, pullError, renderError } = chart;
  if (typeof release === 'string') return `its chart could not be had: ${release}`;
  if (pullError !== undefined) return `chart ${nameOf(release)}: could not be had: ${pullError}`;
  return renderError === undefined
    ? undefined
    : `chart ${nameOf(release)}: could not be rendered: ${renderError.trim()}`;
}

function nameOf({ chart: { url, version } }: Release): string {
  return `${url.split('/').at(-1) ?? url} ${version}`;
}
