import * as path from 'node:path';
import { mergedNodes } from '../../cluster/machine/machines';
import type { Network } from '../../cluster/machine/networkSchema';
import { stackFileName } from '../../cluster/names';
import { readClusterSettings } from '../../gitops/clusterSettings';
import type { LabCluster, LabNode } from '../context';
import { linkHints } from '../machines/links';
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
      const nodes = readNodes(file, values, prefix);
      for (const node of nodes) {
        const other = nodeByEndpoint.get(node.endpoint);
        if (other !== undefined) {
          problems.push(`${file}: node ${node.name}: ${node.address} and ${other} have the same address in the lab`);
        }
        nodeByEndpoint.set(node.endpoint, node.name);
      }
      // The program's own schema validates what is in them.
      const cloudflare = values.cloudflare as { account?: string } | undefined;
      const nameservers = mergedNodes(values).flatMap(
        (node) => (node.network as Network | undefined)?.nameservers ?? [],
      );
      clusters.push({
        name,
        nodes,
        settings: { ...readClusterSettings(root, name).values },
        cloudflareAccount: cloudflare?.account,
        nameservers: [...new Set(nameservers)],
      });
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return clusters;
}

function readNodes(file: string, values: Readonly<Record<string, unknown>>, prefix: string): LabNode[] {
  const merged = mergedNodes(values);
  if (merged.length === 0) {
    throw new Error(`${file}: config key "nodes" must be a list of {name, role, address}, but it is empty or missing`);
  }
  const problems: string[] = [];
  const nodes = merged.flatMap((node, at): LabNode[] => {
    const { name, role, address, network } = node;
    const isValid = typeof name === 'string' && typeof address === 'string' && /^\d+\.\d+\.\d+\.\d+$/.test(address);
    if (!isValid || (role !== 'controlplane' && role !== 'worker')) {
      problems.push(`${file}: nodes[${at}]: needs a name, a role (controlplane or worker) and an IPv4 address`);
      return [];
    }
    const links = linkHints(network ?? {});
    return [{ name, role, address, endpoint: toEndpoint(address, prefix), links }];
  });
  if (problems.length > 0) throw new Error(problems.join('\n'));
  // Like the program, everything in the lab that needs an API server dials that of the first control plane.
  return [...nodes.filter((n) => n.role === 'controlplane'), ...nodes.filter((n) => n.role === 'worker')];
}
