import * as pulumi from '@pulumi/pulumi';
import type { BootstrapInputs } from '../cluster/bootstrapInputs';
import { bootstrapKustomizations } from '../cluster/bootstrapOrder';
import { defineCluster } from '../cluster/define';
import type { ClusterDefinition } from '../cluster/definition';
import { DefinitionError } from '../cluster/problems';
import { readClusterSettings } from '../gitops/clusterSettings';
import { ManifestError } from '../gitops/manifestError';
import { renderCluster } from '../gitops/render';
import { bootstrapInputs } from './bootstrapInputs';
import { engineConfig } from './engineConfig';
import { otherClusters } from './otherClusters';
import { repositoryRoot } from './repositoryRoot';

/** A stack's cluster, from its configuration and from Git. */
export interface LoadedCluster {
  definition: ClusterDefinition;
  bootstrap: BootstrapInputs;
}

/** Reads and checks everything a stack is made of. Throws a `RunError` with all that is wrong in either source. */
export function loadCluster(stack: string): LoadedCluster {
  const complaints: string[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof DefinitionError) && !(error instanceof ManifestError)) throw error;
      if (!complaints.includes(error.message)) complaints.push(error.message);
      return undefined;
    }
  };
  const definition = attempt(() =>
    defineCluster({
      stack,
      config: engineConfig(stack),
      settings: readClusterSettings(repositoryRoot, stack),
      others: otherClusters(stack, {
        root: repositoryRoot,
        project: repositoryRoot,
        projectName: pulumi.getProject(),
      }),
    }),
  );
  const bootstrap = attempt(() => bootstrapInputs(renderCluster(repositoryRoot, stack, bootstrapKustomizations)));
  if (definition === undefined || bootstrap === undefined) throw new pulumi.RunError(complaints.join('\n'));
  return { definition, bootstrap };
}
