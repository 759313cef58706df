import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import execa from 'execa';
import { defineCluster } from '../../cluster/defineCluster';
import type { ClusterDefinition } from '../../cluster/definition';
import { apiUrl } from '../../cluster/kubeconfig';
import { stackFileName } from '../../cluster/names';
import { stackSecretKeys } from '../../cluster/machine/stackSecrets';
import { plainSchematic } from '../../cluster/machine/schematicSchema';
import { installerImageOf, schematicsInUse, schematicText } from '../../cluster/schematic';
import { schematicId } from '../../cluster/schematicId';
import { withSecretsSet } from '../../cluster/stackConfig';
import { readStackFile } from '../../cluster/stackFile';
import { machinePatches } from '../../cluster/talos/machinePatches';
import { ensureTools, type ToolName } from '../../tools/toolchain';
import { readClusterSettings } from '../../gitops/clusterSettings';
import { readListedSystems } from '../../gitops/listedSystems';
import { otherClusters } from '../../cluster/readClusters';

/** Input of the Talos library for a machine; see tools/talos-provider/internal/genconfig. */
export interface MachineRequest {
  name: string;
  clusterName: string;
  clusterEndpoint: string;
  machineType: 'controlplane' | 'worker';
  talosVersion: string;
  kubernetesVersion: string;
  patches: string[];
}

/** The Talos library's validation result for a machine, for the platform `metal`. `documents` are kinds. */
export interface MachineResult {
  name: string;
  valid: boolean;
  errors: string[];
  warnings: string[];
  documents: string[];
}

const projectName = 'k8s-gitops';
const repositoryRoot = join(__dirname, '..', '..');

/** The clusters in Git, sorted. */
export function clusterNames(): string[] {
  return readdirSync(join(repositoryRoot, 'kubernetes', 'clusters')).sort();
}

/** A cluster from the committed stack file and settings. */
export function clusterDefinition(cluster: string): ClusterDefinition {
  const config = withSecretsSet(readStackFile(join(repositoryRoot, stackFileName(cluster)), projectName));
  const settings = readClusterSettings(repositoryRoot, cluster);
  const others = otherClusters(cluster, { root: repositoryRoot, project: repositoryRoot, projectName });
  const systems = readListedSystems(repositoryRoot, cluster);
  return defineCluster({ stack: cluster, project: projectName, config, settings, others, systems });
}

/** One request per machine of a cluster that was made with its Talos version. */
export function requestsOf(definition: ClusterDefinition): MachineRequest[] {
  const ids = Object.fromEntries(
    schematicsInUse(definition).map((name) => [
      name,
      schematicId(schematicText(definition.schematics[name] ?? plainSchematic)),
    ]),
  );
  const contract = definition.talosConfigVersion ?? definition.versions.talos;
  // As long as a key of WireGuard, whose length Talos checks.
  const placeholder = Buffer.alloc(32).toString('base64');
  const secrets = Object.fromEntries(stackSecretKeys(definition.nodes).map((key) => [key, placeholder]));
  return definition.nodes.map((node) => ({
    name: node.name,
    clusterName: definition.name,
    clusterEndpoint: apiUrl(definition.apiHost),
    machineType: node.role,
    talosVersion: contract,
    kubernetesVersion: definition.versions.kubernetes,
    patches: machinePatches(definition, node, installerImageOf(definition, node, ids), contract, secrets),
  }));
}

/** A machine's configuration, with throw-away secrets; `masked` is the same in every run and has none. */
export interface GeneratedMachine {
  name: string;
  configuration: string;
  masked: string;
  errors: string[];
}

/** The Talos library that the Pulumi Talos provider 0.8.1 generates configurations with. */
const providerLibrary = 'talos-library-1.13';

/** The Talos library that a machine of a Talos version validates its configuration with. */
function machineLibrary(talosVersion: string): ToolName {
  const minor = talosVersion.split('.')[1];
  if (minor === '11' || minor === '12') return `talos-library-1.${minor}`;
  throw new Error(`there is no Talos library for ${talosVersion}: add it to tools/manifest.ts`);
}

/** Builds the libraries that machines of these versions need, if they are not built yet. */
export async function buildLibraries(talosVersions: readonly string[]): Promise<void> {
  await ensureTools([...new Set([providerLibrary, ...talosVersions.map(machineLibrary)] as const)], () => undefined);
}

/** Generates and validates machines with the library of their Talos version: quicker than with two. */
export const validateMachines = (talosVersion: string, requests: readonly MachineRequest[]): Promise<MachineResult[]> =>
  askLibrary(machineLibrary(talosVersion), [], requests);

/** Generates the configurations of machines as the provider does. */
export const generateMachines = (requests: readonly MachineRequest[]): Promise<GeneratedMachine[]> =>
  askLibrary(providerLibrary, ['generate'], requests);

/**
 * Validates configurations as machines of a Talos version do. A configuration that could not be generated is not valid.
 * @returns one result per configuration, in their order
 */
export async function validateConfigurations(
  talosVersion: string,
  machines: readonly GeneratedMachine[],
): Promise<MachineResult[]> {
  const input = machines.map(({ name, configuration }) => ({ name, configuration }));
  const results = await askLibrary<MachineResult>(machineLibrary(talosVersion), ['validate'], input);
  return results.map((result, index) => {
    const errors = machines[index]?.errors ?? [];
    return errors.length === 0 ? result : { ...result, valid: false, errors };
  });
}

async function askLibrary<Answer>(library: ToolName, args: string[], machines: readonly object[]): Promise<Answer[]> {
  const { [library]: binary } = await ensureTools([library], () => undefined);
  const { stdout } = await execa(binary, args, { input: JSON.stringify(machines), maxBuffer: Infinity });
  return JSON.parse(stdout) as Answer[];
}
