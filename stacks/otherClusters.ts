import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { OtherCluster } from '../cluster/crossClusterChecks';
import { stackFileName } from '../cluster/names';
import { parseSettings } from '../cluster/settings';
import { parseStackConfig, secretConfigKeys } from '../cluster/stackConfig';
import { readStackFile } from '../cluster/stackFile';
import { listClusters, readClusterSettings } from '../gitops/clusterSettings';

/** Where the clusters are described. */
export interface ClusterSources {
  /** The repository root, which has `kubernetes/clusters/`. */
  root: string;
  /** The folder of the stack files. */
  project: string;
  /** The Pulumi project's name, which prefixes the keys of stack files. */
  projectName: string;
}

/**
 * All clusters except `stack`'s, with what must differ between clusters. Invalid values in another stack's file are left
 * to that stack; settings or a stack file that cannot be read at all throw.
 */
export function otherClusters(stack: string, { root, project, projectName }: ClusterSources): OtherCluster[] {
  return listClusters(root)
    .filter((name) => name !== stack)
    .map((name) => ({
      name,
      settings: parseSettings(readClusterSettings(root, name)).settings,
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
