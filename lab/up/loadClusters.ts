import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import type { Network } from '../../cluster/stackSchema';
import { readClusterSettings } from '../../gitops/clusterSettings';
import type { LabCluster, LabNode } from '../context';
import { toEndpoint } from './endpoint';
import { listStacks, projectName } from './stackFiles';

/** The config of a stack file, by full key. */
interface StackFile {
  config?: Record<string, unknown>;
}

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
    const file = `Pulumi.${name}.yaml`;
    try {
      const stack = (parse(fs.readFileSync(path.join(root, file), 'utf8')) ?? {}) as StackFile;
      const nodes = readNodes(file, stack.config?.[`${project}:nodes`], prefix);
      for (const node of nodes) {
        const other = nodeByEndpoint.get(node.endpoint);
        if (other !== undefined) {
          problems.push(`${file}: node ${node.name}: ${node.address} and ${other} have the same address in the lab`);
        }
        nodeByEndpoint.set(node.endpoint, node.name);
      }
      const { cloudflare, network } = sectionsOf(stack, project);
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
function sectionsOf({ config }: StackFile, project: string) {
  return {
    cloudflare: config?.[`${project}:cloudflare`] as { account?: string } | undefined,
    network: config?.[`${project}:network`] as Network | undefined,
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
