import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { defineCluster } from '../../cluster/defineCluster';
import type { ClusterDefinition } from '../../cluster/definition';
import { apiUrl } from '../../cluster/kubeconfig';
import { stackFileName } from '../../cluster/names';
import { installerImage } from '../../cluster/schematic';
import { withSecretsSet } from '../../cluster/stackConfig';
import { readStackFile } from '../../cluster/stackFile';
import { machinePatches } from '../../cluster/talos/machinePatches';
import { readClusterSettings } from '../../gitops/clusterSettings';
import { otherClusters } from '../../cluster/readClusters';

/** Input of `pulumi-resource-talos genconfig` for a machine. */
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

/** One request per machine of a cluster, from the committed stack file and settings. */
export function machineRequests(cluster: string): MachineRequest[] {
  const config = withSecretsSet(readStackFile(join(repositoryRoot, stackFileName(cluster)), projectName));
  const settings = readClusterSettings(repositoryRoot, cluster);
  const others = otherClusters(cluster, { root: repositoryRoot, project: repositoryRoot, projectName });
  return requestsOf(defineCluster({ stack: cluster, config, settings, others }));
}

/** One request per machine of a cluster. */
export function requestsOf(definition: ClusterDefinition): MachineRequest[] {
  const image = installerImage('0'.repeat(64), definition.versions.talos);
  return definition.nodes.map((node) => ({
    name: node.name,
    clusterName: definition.name,
    clusterEndpoint: apiUrl(definition.apiHost),
    machineType: node.role,
    talosVersion: definition.versions.talos,
    kubernetesVersion: definition.versions.kubernetes,
    patches: machinePatches(definition, node, image),
  }));
}

/** Validates machines with the Talos library in `binary` (`pulumi-resource-talos`). Rejects with its stderr if it fails. */
export function validateMachines(binary: string, requests: MachineRequest[]): Promise<MachineResult[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, ['genconfig'], { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(output) as MachineResult[]);
      else reject(new Error(stderr.trim() || `genconfig failed with exit code ${code}`));
    });
    child.stdin.end(JSON.stringify(requests));
  });
}
