import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterDiff } from '../../../gitops/diff/changes';
import { diffTrees } from '../../../gitops/diff/diffTrees';
import { listClusters } from '../../../gitops/clusterSettings';
import { type ImageChange, imageChanges } from '../../../gitops/signals/images';
import { clusterChanges, signalsOf } from '../../../gitops/signals/registry';
import type { Signal } from '../../../gitops/signals/signal';
import type { Tree } from '../../../gitops/tree';
import { ensureTools, inLines } from '../../../tools/toolchain';
import { type Charts, helmCharts } from '../charts/helm';
import { gitFacts } from '../gitFacts';
import { loadTree, rendererPath } from '../loadTree';
import { builtSchemas } from '../schemas';
import { type UnknownChart, changedReleases, compareCharts } from './charts';
import { knownSchemas } from './knownSchemas';
import { type TreeOptions, ValidateError } from '../options';
import { withRef } from './checkoutRef';

/** What to compare. */
export interface DiffOptions extends TreeOptions {
  /** The commit to compare the folder with: a branch, a tag or a hash. */
  ref: string;
  /** Compare only these clusters. */
  clusters?: readonly string[];
  /** Compare what the charts of changed releases render as well. */
  charts?: boolean;
  /** Access to charts instead of the pinned Helm, for tests. */
  chartAccess?: Charts;
}

/** What `npm run validate -- --diff <ref> --json` prints. */
export interface DiffResult {
  ref: string;
  commit: string;
  /** Clusters with changes, sorted by name. */
  clusters: ClusterDiff[];
  /** Names of the clusters without changes. */
  unchanged: string[];
  /** The worst first. */
  signals: Signal[];
  /** Images and charts that become others, by cluster. */
  images: Record<string, ImageChange[]>;
  charts: {
    /** How many changed releases were rendered before and after. */
    compared: number;
    /** Releases of which it is not known what changes inside. */
    unknown: UnknownChart[];
    /** `HelmRelease namespace/name` of the changed releases that were not rendered because `--charts` was not given. */
    notRendered: string[];
  };
  seconds: number;
}

/**
 * What applying the folder as it is now, instead of as it was at a commit, would change on each cluster.
 * @throws ValidateError if the commit does not exist, an option is invalid or the renderer fails
 * @throws ToolError if the renderer is not available
 */
export async function runDiff(options: DiffOptions): Promise<DiffResult> {
  const start = process.hrtime.bigint();
  const { ref, clusters: selected, charts, chartAccess, ...rest } = options;
  // A diff does not validate.
  const treeOptions: TreeOptions = { ...rest, schemas: rest.schemas ?? '' };
  const { commit, names, found } = await withRef(options.root, ref, async (folder, hash) => {
    const git = { ...(await gitFacts(options.root)), hidden: [] };
    const before = await loadBefore({ ...treeOptions, root: folder, git });
    const after = await loadTree(treeOptions);
    // Compare while the folder exists: a tree reads its files lazily.
    const all = clusterNames(before, after);
    checkSelected(selected, all);
    return { commit: hash, names: all, found: await compare(before, after, { ...options, charts, chartAccess }) };
  });
  const isSelected = (name: string): boolean => selected === undefined || selected.includes(name);
  const clusters = found.clusters.filter(({ cluster }) => isSelected(cluster));
  const changed = new Set(clusters.map(({ cluster }) => cluster));
  const unchanged = names.filter((name) => isSelected(name) && !changed.has(name));
  const seconds = Math.round(Number(process.hrtime.bigint() - start) / 1e7) / 100;
  return { ref, commit, ...found, clusters, unchanged, seconds };
}

function checkSelected(selected: readonly string[] | undefined, names: readonly string[]): void {
  const unknown = (selected ?? []).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new ValidateError(`--cluster ${unknown.join(', ')}: no such cluster; use one of: ${names.join(', ')}`);
  }
}

type Compared = Pick<DiffResult, 'clusters' | 'signals' | 'images' | 'charts'>;

async function compare(allBefore: Tree, allAfter: Tree, options: DiffOptions): Promise<Compared> {
  const isSelected = (name: string): boolean => options.clusters?.includes(name) ?? true;
  const only = (tree: Tree): Tree => ({ ...tree, clusters: tree.clusters.filter(({ name }) => isSelected(name)) });
  const git = { before: only(allBefore), after: only(allAfter) };
  const charts = options.charts
    ? await compareCharts(git.before, git.after, options.chartAccess ?? (await pinnedCharts(options.onProgress)))
    : { ...git, compared: 0, unknown: [] };
  const { before, after, compared, unknown } = charts;
  const renderer = options.renderer ?? (await rendererPath(options.onProgress));
  const changes = clusterChanges(before, after, knownSchemas(builtSchemas(renderer)));
  const images = changes.map((change): [string, ImageChange[]] => [change.name, imageChanges(change)]);
  const releases = options.charts ? [] : changedReleases(before, after);
  const notRendered = releases.map(({ release }) => release);
  return {
    clusters: diffTrees(before, after),
    signals: signalsOf(changes),
    images: Object.fromEntries(images.filter(([, list]) => list.length > 0)),
    charts: { compared, unknown, notRendered: [...new Set(notRendered)].sort() },
  };
}

async function pinnedCharts(onProgress: (line: string) => void = () => undefined): Promise<Charts> {
  return helmCharts((await ensureTools(['helm'], inLines(onProgress))).helm);
}

/** Whether a part of what changes could not be told. */
export function isIncomplete({ clusters, charts }: DiffResult): boolean {
  return charts.unknown.length > 0 || clusters.some(({ notCompared }) => notCompared.length > 0);
}

function clusterNames(before: Tree, after: Tree): string[] {
  return [...new Set([...before.clusters, ...after.clusters].map(({ name }) => name))].sort();
}

/** The tree of the commit. It may lack clusters and entry points that were added later. */
async function loadBefore(options: TreeOptions): Promise<Tree> {
  const requested = options.entries ?? [];
  const entries = requested.filter((entry) => existsSync(join(options.root, entry)));
  const none = requested.length > 0 ? entries.length === 0 : listClusters(options.root).length === 0;
  if (none)
    return { root: options.root, clusters: [], stacks: [], files: [], read: () => undefined, exists: () => false };
  return loadTree({ ...options, entries });
}
