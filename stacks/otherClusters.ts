import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { OtherCluster } from '../cluster/crossClusterChecks';
import { stackFileName } from '../cluster/names';
import { parseStackConfig, secretConfigKeys } from '../cluster/stackConfig';
import { readStackFile } from '../cluster/stackFile';
import { listClusters, readClusterSettings } from '../gitops/clusterSettings';

/** Where the clusters are written down. */
export interface ClusterSources {
  /** The repository, with `kubernetes/clusters/`. */
  root: string;
  /** The folder of the stack files. */
  project: string;
  /** The Pulumi project's name: what the stack files' keys begin with. */
  projectName: string;
}

/**
 * The clusters beside `stack`, as far as two may not be the same. What is wrong in another stack's file is that stack's
 * own problem; settings or a file that cannot be read at all throw.
 */
export function otherClusters(stack: string, { root, project, projectName }: ClusterSources): OtherCluster[] {
  return listClusters(root)
    .filter((name) => name !== stack)
    .map((name) => ({
      name,
      source: readClusterSettings(root, name),
      ...stackOf(join(project, stackFileName(name)), name, projectName),
    }));
}

function stackOf(path: string, stack: string, projectName: string): Pick<OtherCluster, 'nodes' | 'ownsZone'> {
  if (!existsSync(path)) return { nodes: [] };
  const { values } = readStackFile(path, projectName);
  const secrets = Object.fromEntries(secretConfigKeys.map((key) => [key, 'not read']));
  const { config } = parseStackConfig({
    file: stackFileName(stack),
    values: { ...values, ...secrets },
    secretKeys: new Set(Object.keys(secrets)),
  });
  return { nodes: config.nodes ?? [], ownsZone: config.cloudflare?.ownsZone };
}
