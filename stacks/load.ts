import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import type { OtherCluster } from '../cluster/betweenClusters';
import type { BootstrapInputs } from '../cluster/bootstrapInputs';
import { bootstrapKustomizations } from '../cluster/bootstrapOrder';
import { defineCluster } from '../cluster/define';
import type { ClusterDefinition } from '../cluster/definition';
import { stackFileName } from '../cluster/names';
import { DefinitionError } from '../cluster/problems';
import { parseStackConfig, secretConfigKeys } from '../cluster/stackConfig';
import { readStackFile } from '../cluster/stackFile';
import { listClusters, readClusterSettings } from '../gitops/clusterSettings';
import { ManifestError } from '../gitops/manifestError';
import { renderCluster } from '../gitops/render';
import { bootstrapInputs } from './bootstrapInputs';
import { engineConfig } from './engineConfig';
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
      others: otherClusters(stack),
    }),
  );
  const bootstrap = attempt(() => bootstrapInputs(renderCluster(repositoryRoot, stack, bootstrapKustomizations)));
  if (definition === undefined || bootstrap === undefined) throw new pulumi.RunError(complaints.join('\n'));
  return { definition, bootstrap };
}

function otherClusters(stack: string): OtherCluster[] {
  return listClusters(repositoryRoot)
    .filter((name) => name !== stack)
    .map((name) => ({ name, source: readClusterSettings(repositoryRoot, name), ...stackOf(name) }));
}

/** What another stack's file says; what is wrong there is that stack's own problem. */
function stackOf(stack: string): Pick<OtherCluster, 'nodes' | 'ownsZone'> {
  const path = join(repositoryRoot, stackFileName(stack));
  if (!existsSync(path)) return { nodes: [] };
  const { values } = readStackFile(path, pulumi.getProject());
  const secrets = Object.fromEntries(secretConfigKeys.map((key) => [key, 'not read']));
  const { config } = parseStackConfig({
    file: stackFileName(stack),
    values: { ...values, ...secrets },
    secretKeys: new Set(Object.keys(secrets)),
  });
  return { nodes: config.nodes ?? [], ownsZone: config.cloudflare?.ownsZone };
}
