import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { clusterFolder, listClusters } from '../../gitops/clusterSettings';
import { fluxNamespace, rootKustomization } from '../../cluster/bootstrapOrder';
import type { GitFacts } from './gitFacts';
import { CannotTell, type TreeOptions } from './options';
import { type GivenSettings, readSettingsFile } from './settingsFile';

/** A cluster, or an entry point, as the renderer is asked for it. */
export interface RequestedCluster {
  name: string;
  entry: string;
  namespace: string;
  settings: GivenSettings[];
}

/** What the renderer is asked: see tools/flux-render. */
export interface RenderRequest extends GitFacts {
  root: string;
  cache: string;
  schemas: string;
  strict: boolean;
  /** Names of the sources that mean this repository. */
  sources: string[];
  clusters: RequestedCluster[];
}

/**
 * The clusters that the options ask for: every one that Git knows, or the given entry points.
 * @throws CannotTell when there is none, or an entry point or a file of settings is not there
 */
export function requestedClusters({ root, entries = [], settings = [] }: TreeOptions): RequestedCluster[] {
  if (!existsSync(root) || !statSync(root).isDirectory()) {
    throw new CannotTell(`${root}: there is no such folder; correct --root`);
  }
  const given = settings.flatMap(readSettingsFile);
  const asked = (name: string, entry: string): RequestedCluster => ({
    name,
    entry,
    namespace: fluxNamespace,
    settings: given,
  });
  if (entries.length === 0) {
    const clusters = listClusters(root);
    if (clusters.length === 0) {
      throw new CannotTell(`${root}: has no folder in kubernetes/clusters; name the entry points with --entry <path>`);
    }
    return clusters.map((name) => asked(name, clusterFolder(name)));
  }
  return [...new Set(entries.map((entry) => posix.normalize(entry).replace(/^\.\/|\/$/g, '')))].map((entry) => {
    if (entry.startsWith('/') || entry.startsWith('..')) {
      throw new CannotTell(`--entry ${entry}: leaves the repository; name a folder from its root`);
    }
    if (!existsSync(join(root, entry))) {
      throw new CannotTell(`--entry ${entry}: there is no such folder in ${root}; correct the path`);
    }
    return asked(entry, entry);
  });
}

/** What the renderer is asked for a tree. */
export function renderRequest(
  options: TreeOptions,
  clusters: RequestedCluster[],
  folders: { cache: string; schemas: string },
  facts: GitFacts,
): RenderRequest {
  const strict = options.lenient !== true;
  return { root: options.root, ...folders, strict, sources: [rootKustomization], ...facts, clusters };
}

/** Names of the stacks of a repository of our kind, sorted. */
export function stackNames(root: string): string[] {
  return readdirSync(root)
    .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}
