import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { listClusters } from '../gitops/clusterSettings';
import type { ClusterOutputs } from './cluster';
import { repositoryRoot } from './repositoryRoot';

/** Builds the stack that the file of the same name in this folder defines. */
export async function runStack(name: string): Promise<ClusterOutputs> {
  const known = listClusters(repositoryRoot).filter((cluster) => existsSync(join(__dirname, `${cluster}.ts`)));
  if (!known.includes(name)) {
    throw new pulumi.RunError(
      `stack ${name}: there is no such cluster, expected one of ${known.join(', ')}; ` +
        `run \`pulumi stack select\`, or add stacks/${name}.ts and kubernetes/clusters/${name}/`,
    );
  }
  const { default: build } = (await import(`./${name}.ts`)) as { default: () => Promise<ClusterOutputs> };
  return build();
}
