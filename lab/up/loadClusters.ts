import * as path from 'node:path';
import { stackFileName } from '../../cluster/names';
import type { StackConfigSource } from '../../cluster/stackConfig';
import type { Network } from '../../cluster/stackSchema';
import { readClusterSettings } from '../../gitops/clusterSettings';
import type { LabCluster, LabNode } from '../context';
import { toEndpoint } from './endpoint';
import { listStacks, projectName, readStackFile } from '../../cluster/stackFile';

/**
 * Reads the cluster of every stack in the checkout and maps node addresses to loopback. Reports the problems of all stacks
 * together; anything else that is wrong with a stack is left to the program's own validation.
 */
export function loadClusters(root: string, prefix: string): LabCluster[] {
  const stacks = listStacks(root);
  if (stacks.length === 0) throw new Error(`${root}: no Pulumi.<stack>.yaml; the lab needs one per cluster`);
  const project = projectName(root);
  const problems: string[] = [];
  const clusters: LabCluster[] = [];
  const nodeByEndpoint = new Map<string, string>();
  for (const name of stacks) {
    const file = stackFileName(name);
    try {
      const { values } = readStackFile(path.join(root, file), project);
      const nodes = readNodes(file, values.nodes, prefix);
      for (const node of nodes) {
        const other = nodeByEndpoint.get(node.endpoint);
        if (other !== undefined) {
          problems.push(`${file}: node ${node.name}: ${node.address} and ${other} have the same address in the lab`);
        }
        nodeByEndpoint.set(node.endpoint, node.name);
      }
      const { cloudflare, network } = sectionsOf(values);
      clusters.push({
        name,
        nodes,
        settings: { ...readClusterSettings(root, name).values },
        cloudflareAccount: cloudflare?.account,
        nameservers: network?.nameservers,
        links: network,
      });
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return clusters;
}

/** The sections that the lab reads; the program's own schema has already validated them. */
function sectionsOf({ cloudflare, network }: StackConfigSource['values']) {
  return {
    cloudflare: cloudflare as { account?: string } | undefined,
    network: network as Network | undefined,
  };
}

function readNodes(file: string, value: unknown, prefix: string): LabNode[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new Error(`${file}: config key "nodes" must be a list of {name, role, address}, but it is empty or missing`);
  }
  const problems: string[] = [];
  const nodes = (value as Partial<LabNode>[]).flatMap((node, at): LabNode[] => {
    const { name, role, address } = node ?? {};
    const isValid = typeof name === 'string' && typeof address === 'string' && /^\d+\.\d+\.\d+\.\d+$/.test(address);
    if (!isValid || (role !== 'controlplane' && role !== 'worker')) {
      problems.push(`${file}: nodes[${at}]: needs a name, a role (controlplane or worker) and an IPv4 address`);
      return [];
    }
    return [{ name, role, address, endpoint: toEndpoint(address, prefix) }];
  });
  if (problems.length > 0) throw new Error(problems.join('\n'));
  // Like the program, everything in the lab that needs an API server dials that of the first control plane.
  return [...nodes.filter((n) => n.role === 'controlplane'), ...nodes.filter((n) => n.role === 'worker')];
}
