import * as pulumi from '@pulumi/pulumi';
import type { BootstrapInputs } from '../cluster/bootstrapInputs';
import type { ClusterDefinition } from '../cluster/definition';
import { otherClusters } from '../cluster/readClusters';
import { engineConfig } from './engineConfig';
import { evaluateStack, refusalOf } from './evaluateStack';

/** A cluster as its stack configuration and Git describe it. */
export interface LoadedCluster {
  definition: ClusterDefinition;
  bootstrap: BootstrapInputs;
}

/** Reads and checks a stack's configuration and manifests. Throws a `RunError` that lists every problem in either. */
export function loadCluster(stack: string, root: string): LoadedCluster {
  const project = pulumi.getProject();
  const evaluated = evaluateStack({
    stack,
    root,
    project,
    config: engineConfig(stack),
    others: () => otherClusters(stack, { root, project: root, projectName: project }),
  });
  const { definition, bootstrap } = evaluated;
  const refusal = refusalOf(evaluated);
  if (refusal !== undefined || definition === undefined || bootstrap === undefined) throw new pulumi.RunError(refusal);
  return { definition, bootstrap };
}
