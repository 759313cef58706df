import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterDiff } from '../../../gitops/diff/changes';
import { diffTrees } from '../../../gitops/diff/diffTrees';
import { listClusters } from '../../../gitops/clusterSettings';
import type { Tree } from '../../../gitops/tree';
import { gitFacts } from '../gitFacts';
import { loadTree } from '../loadTree';
import { type TreeOptions, ValidateError } from '../options';
import { withRef } from './checkoutRef';

/** What to compare. */
export interface DiffOptions extends TreeOptions {
  /** The commit to compare the folder with: a branch, a tag or a hash. */
  ref: string;
  /** Compare only these clusters. */
  clusters?: readonly string[];
}

/** What `npm run validate -- --diff <ref> --json` prints. */
export interface DiffResult {
  ref: string;
  commit: string;
  /** Clusters with changes, sorted by name. */
  clusters: ClusterDiff[];
  /** Names of the clusters without changes. */
  unchanged: string[];
  seconds: number;
}

/**
 * What applying the folder as it is now, instead of as it was at a commit, would change on each cluster.
 * @throws ValidateError if the commit does not exist, an option is invalid or the renderer fails
 * @throws ToolError if the renderer is not available
 */
export async function runDiff(options: DiffOptions): Promise<DiffResult> {
  const start = process.hrtime.bigint();
  const { ref, clusters: selected, ...rest } = options;
  // A diff does not validate.
  const treeOptions: TreeOptions = { ...rest, schemas: rest.schemas ?? '' };
  const { commit, names, found } = await withRef(options.root, ref, async (folder, hash) => {
    const git = { ...(await gitFacts(options.root)), hidden: [] };
    const before = await loadBefore({ ...treeOptions, root: folder, git });
    const after = await loadTree(treeOptions);
    // Compare while the folder exists: a tree reads its files lazily.
    return { commit: hash, names: clusterNames(before, after), found: diffTrees(before, after) };
  });
  const unknown = (selected ?? []).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new ValidateError(`--cluster ${unknown.join(', ')}: no such cluster; use one of: ${names.join(', ')}`);
  }
  const isSelected = (name: string): boolean => selected === undefined || selected.includes(name);
  const clusters = found.filter(({ cluster }) => isSelected(cluster));
  const changed = new Set(clusters.map(({ cluster }) => cluster));
  const unchanged = names.filter((name) => isSelected(name) && !changed.has(name));
  const seconds = Math.round(Number(process.hrtime.bigint() - start) / 1e7) / 100;
  return { ref, commit, clusters, unchanged, seconds };
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
