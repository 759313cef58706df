import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterDiff } from '../../../gitops/diff/changes';
import { diffTrees } from '../../../gitops/diff/diffTrees';
import { listClusters } from '../../../gitops/clusterSettings';
import type { Tree } from '../../../gitops/tree';
import { gitFacts } from '../gitFacts';
import { loadTree } from '../loadTree';
import { CannotTell, type TreeOptions } from '../options';
import { withRef } from './checkoutRef';

/** What is compared. */
export interface DiffOptions extends TreeOptions {
  /** The commit that the folder is compared with: a branch, a tag, a hash. */
  ref: string;
  /** Only these clusters. */
  clusters?: readonly string[];
}

/** What `npm run validate -- --diff <ref> --json` prints. */
export interface DiffResult {
  ref: string;
  commit: string;
  /** Clusters on which something changes, sorted by name. */
  clusters: ClusterDiff[];
  /** Names of the others. */
  unchanged: string[];
  seconds: number;
}

/**
 * What applying the folder as it is, instead of what a commit holds, would change on each cluster.
 * @throws CannotTell when the commit is not there, an option is wrong or the renderer fails
 * @throws ToolError when the renderer cannot be had
 */
export async function runDiff(options: DiffOptions): Promise<DiffResult> {
  const start = process.hrtime.bigint();
  const { ref, clusters: wanted, ...rest } = options;
  // Whether what changes is also right is not asked here.
  const treeOptions: TreeOptions = { ...rest, schemas: rest.schemas ?? '' };
  const { commit, names, found } = await withRef(options.root, ref, async (folder, hash) => {
    const git = { ...(await gitFacts(options.root)), hidden: [] };
    const before = await loadOld({ ...treeOptions, root: folder, git });
    const after = await loadTree(treeOptions);
    // Compared while the folder is there: a tree reads files when it is asked for them.
    return { commit: hash, names: clusterNames(before, after), found: diffTrees(before, after) };
  });
  const unknown = (wanted ?? []).filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new CannotTell(`--cluster ${unknown.join(', ')}: there is no such cluster; there are: ${names.join(', ')}`);
  }
  const isWanted = (name: string): boolean => wanted === undefined || wanted.includes(name);
  const clusters = found.filter(({ cluster }) => isWanted(cluster));
  const changed = new Set(clusters.map(({ cluster }) => cluster));
  const unchanged = names.filter((name) => isWanted(name) && !changed.has(name));
  const seconds = Math.round(Number(process.hrtime.bigint() - start) / 1e7) / 100;
  return { ref, commit, clusters, unchanged, seconds };
}

function clusterNames(before: Tree, after: Tree): string[] {
  return [...new Set([...before.clusters, ...after.clusters].map(({ name }) => name))].sort();
}

/** The tree of the commit. Clusters and entry points that it has not yet are no mistake. */
async function loadOld(options: TreeOptions): Promise<Tree> {
  const asked = options.entries ?? [];
  const entries = asked.filter((entry) => existsSync(join(options.root, entry)));
  const none = asked.length > 0 ? entries.length === 0 : listClusters(options.root).length === 0;
  if (none) return { root: options.root, clusters: [], stacks: [], files: [], read: () => undefined };
  return loadTree({ ...options, entries });
}
