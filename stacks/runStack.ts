import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { stackFileName } from '../cluster/names';
import { clusterFolder, listClusters } from '../gitops/clusterSettings';
import { type ClusterOutputs, clusterStack, type Surroundings } from './cluster';
import { repositoryRoot } from './repositoryRoot';

/** Builds the stack of the cluster of that name, or what the file of that name in this folder makes of it. */
export async function runStack(name: string, surroundings: Surroundings = {}): Promise<ClusterOutputs> {
  const { root = repositoryRoot } = surroundings;
  const known = listClusters(root);
  if (!known.includes(name)) {
    throw new pulumi.RunError(
      `stack ${name}: there is no such cluster, expected one of ${known.join(', ')}; ` +
        `run \`pulumi stack select\`, or add ${stackFileName(name)} and ${clusterFolder(name)}/`,
    );
  }
  const own = join(__dirname, `${name}.ts`);
  if (!existsSync(own)) return clusterStack(name, surroundings);
  const { default: build } = (await import(own)) as {
    default: (surroundings: Surroundings) => Promise<ClusterOutputs>;
  };
  return build(surroundings);
}
