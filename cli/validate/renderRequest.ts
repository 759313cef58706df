import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { clusterFolder, listClusters } from '../../gitops/clusterSettings';
import { fluxNamespace, rootKustomization } from '../../cluster/bootstrapOrder';
import type { GitFacts } from './gitFacts';
import { type TreeOptions, ValidateError } from './options';
import { type GivenSettings, readSettingsFile } from './settingsFile';

/** A cluster, or an entry point of a foreign repository, in the renderer's request. */
export interface RequestedCluster {
  name: string;
  entry: string;
  namespace: string;
  settings: GivenSettings[];
}

/** The renderer's input; tools/flux-render reads it. */
export interface RenderRequest extends GitFacts {
  root: string;
  cache: string;
  schemas: string;
  strict: boolean;
  /** Names of the Flux sources that refer to this repository. */
  sources: string[];
  clusters: RequestedCluster[];
}

/**
 * The clusters to render: every folder in kubernetes/clusters, or the given entry points.
 * @throws ValidateError if there are none, or an entry point or a settings file does not exist
 */
export function requestedClusters({ root, entries = [], settings = [] }: TreeOptions): RequestedCluster[] {
  if (!existsSync(root) || !statSync(root).isDirectory()) {
    throw new ValidateError(`${root}: no such folder; correct --root`);
  }
  const given = settings.flatMap(readSettingsFile);
  const request = (name: string, entry: string): RequestedCluster => ({
    name,
    entry,
    namespace: fluxNamespace,
    settings: given,
  });
  if (entries.length === 0) {
    const clusters = listClusters(root);
    if (clusters.length === 0) {
      throw new ValidateError(`${root}: kubernetes/clusters has no folder; pass the entry points with --entry <path>`);
    }
    return clusters.map((name) => request(name, clusterFolder(name)));
  }
  return [...new Set(entries.map((entry) => posix.normalize(entry).replace(/^\.\/|\/$/g, '')))].map((entry) => {
    if (entry.startsWith('/') || entry.startsWith('..')) {
      throw new ValidateError(`--entry ${entry}: outside the repository; give a path relative to its root`);
    }
    if (!existsSync(join(root, entry)) || !statSync(join(root, entry)).isDirectory()) {
      throw new ValidateError(`--entry ${entry}: no such folder in ${root}; correct the path`);
    }
    return request(entry, entry);
  });
}

/** The renderer's request for a tree. */
export function renderRequest(
  options: TreeOptions,
  clusters: RequestedCluster[],
  folders: { cache: string; schemas: string },
  facts: GitFacts,
): RenderRequest {
  const strict = options.lenient !== true;
  return { root: options.root, ...folders, strict, sources: [rootKustomization], ...facts, clusters };
}
