import { crossClusterChecks, type OtherCluster } from './crossClusterChecks';
import { crossChecks } from './crossChecks';
import type { ClusterDefinition } from './definition';
import { DefinitionError } from './problems';
import { parseSettings, type Settings, type SettingsSource } from './settings';
import { parseStackConfig, type StackConfigSource } from './stackConfig';
import type { StackConfig } from './stackSchema';

/** What a cluster is defined from. */
export interface DefinitionInput {
  /** The stack's name, which is the cluster's. */
  stack: string;
  config: StackConfigSource;
  settings: SettingsSource;
  /** All other clusters of the repository. */
  others: readonly OtherCluster[];
}

/** The cluster that a stack defines. Throws one `DefinitionError` with everything that is wrong. */
export function defineCluster(input: DefinitionInput): ClusterDefinition {
  const { config, problems: configProblems } = parseStackConfig(input.config);
  const { settings, problems: settingsProblems } = parseSettings(input.settings);
  const cluster = { stack: input.stack, configFile: input.config.file, config, source: input.settings, settings };
  const problems = [
    ...configProblems,
    ...settingsProblems,
    ...crossChecks(cluster),
    ...crossClusterChecks(cluster, input.others),
  ];
  if (problems.length > 0) throw new DefinitionError(input.stack, problems);
  // Without a problem every section and every setting is there.
  const complete = settings as Settings;
  const stack = config as StackConfig;
  return {
    name: input.stack,
    id: complete.id,
    nodes: stack.nodes,
    network: stack.network,
    image: stack.image,
    applyMode: stack.applyMode,
    timeouts: stack.timeouts,
    cidrs: {
      node: complete.nodeCidr,
      pod: complete.podCidr,
      service: complete.serviceCidr,
      nativeRouting: complete.nativeRoutingCidr,
    },
    apiHost: complete.apiHost,
    versions: { talos: complete.talosVersion, kubernetes: complete.kubernetesVersion },
    connect: {
      host: complete.connectHost,
      vault: complete.connectVault,
      tokenSecret: complete.connectTokenSecret,
    },
    domain: complete.domain,
    cloudflare: stack.cloudflare,
    tsigItem: complete.tsigItem,
    rotations: stack.rotations,
    detours: stack.detours,
    openebsBasePath: complete.openebsBasePath,
    git: { url: complete.gitUrl, branch: complete.gitBranch },
  };
}
