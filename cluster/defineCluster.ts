import { type ListedSystems, lists } from '../gitops/listedSystems';
import type { AddressRange } from '../net/addresses';
import { clusterChecks } from './clusterChecks';
import { crossClusterChecks, type OtherCluster } from './crossClusterChecks';
import { type ClusterDefinition, kubernetesApiPort } from './definition';
import { checkedMachines } from './machine/machines';
import { readPatches } from './machine/patches';
import { stackSecretProblems } from './machine/stackSecrets';
import { DefinitionError } from './problems';
import { authoritiesFor, generatedFor, writersOfOthers } from './onePasswordFields';
import { plainSchematic } from './machine/schematicSchema';
import { parseSettings, type RequiredSettings, type Settings, type SettingsSource } from './settings';
import { logsSystem, metricsSystem, peopleSystem } from './systemNames';
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
  /** The Pulumi project's name. */
  project: string;
  /** What the cluster lists; absent if its entry point cannot be read, which is reported elsewhere. */
  systems?: ListedSystems;
}

/** Defines a stack's cluster. Throws one `DefinitionError` with all problems. */
export function defineCluster(input: DefinitionInput): ClusterDefinition {
  const { config: parsed, at, problems: configProblems, ownSecrets } = parseStackConfig(input.config);
  const { levels, problems: patchProblems } = readPatches(parsed, at, (path) => input.config.readFile(path));
  const config = { ...parsed, ...levels };
  const { settings, problems: settingsProblems } = parseSettings(input.settings, input.systems);
  const { machines, problems: machineProblems } = checkedMachines(config, at);
  const cluster = {
    stack: input.stack,
    config,
    at,
    machines,
    settings,
    settingsSource: input.settings,
    keys: new Set(Object.keys(input.config.values)),
    systems: input.systems,
  };
  const problems = [
    ...configProblems,
    ...patchProblems,
    ...machineProblems,
    ...(machines === undefined ? [] : stackSecretProblems(machines, input.config, ownSecrets, at)),
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
    nodes: (machines ?? []).map(({ node }) => node),
    schematics: { default: plainSchematic, ...stack.schematics },
    imageFactory: stack.imageFactory,
    allowSchedulingOnControlPlanes: stack.allowSchedulingOnControlPlanes ?? true,
    talosConfigVersion: stack.talosConfigVersion,
    apiEndpoint: stack.apiEndpoint,
    rollout: stack.rollout,
    applyMode: stack.applyMode,
    timeouts: stack.timeouts,
    cidrs: {
      node: textsOf(required.nodeCidr.value),
      pod: textsOf(required.podCidr.value),
      service: textsOf(required.serviceCidr.value),
      nativeRouting: required.nativeRoutingCidr.value.text,
    },
    apiHost: required.apiHost.value,
    apiPort: settings.apiPort?.value ?? kubernetesApiPort,
    clusterDns: required.corednsClusterIp.value,
    versions: { talos: required.talosVersion.value, kubernetes: required.kubernetesVersion.value },
    connect: {
      host: required.connectHost.value,
      vault: required.connectVault.value,
      tokenSecret: required.connectTokenSecret.value,
    },
    platform: stack.platform ?? input.project,
    ...(settings.domain !== undefined && { domain: settings.domain.value }),
    cloudflare: stack.cloudflare,
    ...(settings.tsigItem !== undefined && { tsigItem: settings.tsigItem.value }),
    generated: input.systems === undefined ? [] : generatedFor(input.stack, settings.tsigItem?.value, input.systems),
    authorities: input.systems === undefined ? [] : authoritiesFor(input.stack, input.systems),
    writersOfOthers: input.systems === undefined ? [] : writersOfOthers(input.stack, input.systems),
    rotations: stack.rotations,
    ...(stack.bootstrapEtcdAgain !== undefined && { bootstrapEtcdAgain: stack.bootstrapEtcdAgain }),
    dialOverrides: stack.dialOverrides,
    ...(settings.openebsBasePath !== undefined && { openebsBasePath: settings.openebsBasePath.value }),
    ...signInOf(settings, input.systems !== undefined && lists(input.systems, peopleSystem)),
    ...(input.systems !== undefined && lists(input.systems, metricsSystem) && { scrapesControlPlane: true }),
    ...(input.systems !== undefined && lists(input.systems, logsSystem) && { sendsLogs: true }),
    gitCredentials: stack.gitCredentials,
    git: { url: required.gitUrl.value, branch: required.gitBranch.value },
  };
}

/** Whose tokens the API server takes: only with roles for people and an issuer. */
function signInOf(settings: Settings, isListed: boolean): Pick<ClusterDefinition, 'signIn'> {
  const { oidcIssuerUrl, oidcGroupPrefix } = settings;
  if (!isListed || oidcIssuerUrl === undefined || oidcGroupPrefix === undefined) return {};
  return { signIn: { issuerUrl: oidcIssuerUrl.value, prefix: oidcGroupPrefix.value } };
}

function textsOf(ranges: readonly AddressRange[]): string[] {
  return ranges.map(({ text }) => text);
}
