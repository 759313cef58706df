import * as path from 'node:path';
import { tools } from '../../tools/manifest';
import type { AgentStatus } from '../agent/status';
import { readJson } from '../files';
import type { LabState } from '../state';

/** A process of the lab, and whether it is the product itself or a stand-in. */
export interface ProcessReport {
  name: string;
  version: string;
  real: boolean;
}

// Started by a machine that has become a control plane, not by the executor.
const controlPlane = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok'] as const;

/** Everything in the lab, without duplicates: its processes, what machines and agents run, and Pulumi with its plugins. */
export function reportProcesses(labDir: string, state: LabState): ProcessReport[] {
  const reports: ProcessReport[] = state.parts.map(({ name, version, real }) => ({ name, version, real }));
  for (const name of controlPlane) {
    // KWOK itself is real, but the nodes and pods that it simulates are not.
    reports.push({ name, version: tools[name].version, real: name !== 'kwok' });
  }
  for (const cluster of state.clusters) {
    const status = readJson<AgentStatus>(path.join(labDir, 'clusters', cluster, 'agent.json'));
    for (const { name, version, real } of status?.parts ?? []) {
      if (!reports.some((r) => r.name === name)) reports.push({ name, version, real });
    }
  }
  const standIn = state.plugins === 'standin';
  reports.push(
    { name: 'pulumi', version: tools.pulumi.version, real: true },
    { name: 'helm', version: tools.helm.version, real: true },
    { name: 'pulumi-language-nodejs', version: tools.pulumi.version, real: !standIn },
    { name: 'pulumi-resource-talos', version: tools['talos-provider'].version, real: !standIn },
    { name: 'pulumi-resource-kubernetes', version: sdkVersion('kubernetes'), real: !standIn },
    { name: 'pulumi-resource-cloudflare', version: sdkVersion('cloudflare'), real: !standIn },
  );
  return reports;
}

/** The version of the SDK, which is that of the plugin. */
function sdkVersion(provider: 'kubernetes' | 'cloudflare'): string {
  const file = require.resolve(`@pulumi/${provider}/package.json`);
  return readJson<{ version: string }>(file)?.version ?? 'unknown';
}
