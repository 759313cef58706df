import { clusterChecks } from './clusterChecks';
import { crossClusterChecks, type OtherCluster } from './crossClusterChecks';
import type { ClusterDefinition } from './definition';
import { DefinitionError } from './problems';
import { parseSettings, type RequiredSettings, type SettingsSource } from './settings';
import { parseStackConfig, type StackConfigSource } from './stackConfig';
import type { StackConfig } from './stackSchema';

/** The sources of a cluster's definition. */
export interface DefinitionInput {
  /** The stack's name, which is also the cluster's. */
  stack: string;
  config: StackConfigSource;
  settings: SettingsSource;
  /** All other clusters of the repository. */
  others: readonly OtherCluster[];
}

/** Defines a stack's cluster. Throws one `DefinitionError` with all problems. */
export function defineCluster(input: DefinitionInput): ClusterDefinition {
  const { config, at, problems: configProblems } = parseStackConfig(input.config);
  const { settings, problems: settingsProblems } = parseSettings(input.settings);
  const cluster = { stack: input.stack, config, at, settings };
  const problems = [
    ...configProblems,
    ...settingsProblems,
    ...clusterChecks(cluster),
    ...crossClusterChecks(cluster, input.others),
  ];
  if (problems.length > 0) throw new DefinitionError(input.stack, problems);
  // Without problems, every section and every required setting is present.
  const required = settings as RequiredSettings;
  const stack = config as StackConfig;
  return {
    name: input.stack,
    id: required.id.value,
    nodes: stack.nodes,
    network: stack.network,
    image: stack.image,
    applyMode: stack.applyMode,
    timeouts: stack.timeouts,
    cidrs: {
      node: required.nodeCidr.value.text,
      pod: required.podCidr.value.text,
      service: required.serviceCidr.value.text,
      nativeRouting: required.nativeRoutingCidr.value.text,
    },
    apiHost: required.apiHost.value,
    clusterDns: required.corednsClusterIp.value,
    versions: { talos: required.talosVersion.value, kubernetes: required.kubernetesVersion.value },
    connect: {
      host: required.connectHost.value,
      vault: required.connectVault.value,
      tokenSecret: required.connectTokenSecret.value,
    },
    domain: required.domain.value,
    cloudflare: stack.cloudflare,
    tsigItem: required.tsigItem.value,
    rotations: stack.rotations,
    dialOverrides: stack.dialOverrides,
    openebsBasePath: required.openebsBasePath.value,
    git: { url: required.gitUrl.value, branch: required.gitBranch.value },
  };
}
