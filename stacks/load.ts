import * as pulumi from '@pulumi/pulumi';
import type { BootstrapInputs } from '../cluster/bootstrapInputs';
import { bootstrapKustomizations } from '../cluster/bootstrapOrder';
import { defineCluster } from '../cluster/defineCluster';
import type { ClusterDefinition } from '../cluster/definition';
import { DefinitionError } from '../cluster/problems';
import { readClusterSettings } from '../gitops/clusterSettings';
import { ManifestError } from '../gitops/manifestError';
import { renderCluster } from '../gitops/render/renderCluster';
import { bootstrapInputs } from './bootstrapInputs';
import { engineConfig } from './engineConfig';
import { otherClusters } from '../cluster/readClusters';

/** A cluster as its stack configuration and Git describe it. */
export interface LoadedCluster {
  definition: ClusterDefinition;
  bootstrap: BootstrapInputs;
}

/** Reads and checks a stack's configuration and manifests. Throws a `RunError` that lists every problem in either. */
export function loadCluster(stack: string, root: string): LoadedCluster {
  const messages: string[] = [];
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof DefinitionError) && !(error instanceof ManifestError)) throw error;
      if (!messages.includes(error.message)) messages.push(error.message);
      return undefined;
    }
  };
  const definition = attempt(() =>
    defineCluster({
      stack,
      config: engineConfig(stack),
      settings: readClusterSettings(root, stack),
      others: otherClusters(stack, {
        root,
        project: root,
        projectName: pulumi.getProject(),
      }),
    }),
  );
  const bootstrap = attempt(() => bootstrapInputs(renderCluster(root, stack, bootstrapKustomizations)));
  if (definition === undefined || bootstrap === undefined) throw new pulumi.RunError(messages.join('\n'));
  return { definition, bootstrap };
}
