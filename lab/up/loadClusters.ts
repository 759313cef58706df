import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import type { Network } from '../../cluster/stackSchema';
import { readClusterSettings } from '../../gitops/clusterSettings';
import type { LabCluster, LabNode } from '../context';
import { toEndpoint } from './endpoint';
import { listStacks, projectName } from './stackFiles';

/** A stack file as the lab reads it: its config by full key. */
interface StackFile {
  config?: Record<string, unknown>;
}

/**
 * Reads every cluster that the checkout has a stack for, with the nodes' addresses moved to loopback. Reports all
 * problems of all stacks together. What else is wrong with a stack is the program's own validation to say.
 */
export function loadClusters(root: string, prefix: string): LabCluster[] {
  const stacks = listStacks(root);
  if (stacks.length === 0) throw new Error(`${root}: no Pulumi.<stack>.yaml; the lab raises one cluster per stack`);
  const project = projectName(root);
  const problems: string[] = [];
  const clusters: LabCluster[] = [];
  const holders = new Map<string, string>();
  for (const name of stacks) {
    const file = `Pulumi.${name}.yaml`;
    try {
      const stack = (parse(fs.readFileSync(path.join(root, file), 'utf8')) ?? {}) as StackFile;
      const nodes = readNodes(file, stack.config?.[`${project}:nodes`], prefix);
      for (const node of nodes) {
        const holder = holders.get(node.endpoint);
        if (holder !== undefined) {
          problems.push(`${file}: node ${node.name}: ${node.address} and ${holder} are the same address in the lab`);
        }
        holders.set(node.endpoint, node.name);
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

/** What else the lab stands in for; that it is right is checked before, by the program's own schema. */
function sectionsOf({ config }: StackFile, project: string) {
  return {
    cloudflare: config?.[`${project}:cloudflare`] as { account?: string } | undefined,
    network: config?.[`${project}:network`] as Network | undefined,
  };
}

function readNodes(file: string, value: unknown, prefix: string): LabNode[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new Error(`${file}: config key "nodes" must be a list of {name, role, address}; there is none`);
  }
  const problems: string[] = [];
  const nodes = (value as Partial<LabNode>[]).flatMap((node, at): LabNode[] => {
    const { name, role, address } = node ?? {};
    const good = typeof name === 'string' && typeof address === 'string' && /^\d+\.\d+\.\d+\.\d+$/.test(address);
    if (!good || (role !== 'controlplane' && role !== 'worker')) {
      problems.push(`${file}: nodes[${at}]: needs a name, a role (controlplane or worker) and an IPv4 address`);
      return [];
    }
    return [{ name, role, address, endpoint: toEndpoint(address, prefix) }];
  });
  if (problems.length > 0) throw new Error(problems.join('\n'));
  // The program dials the first control plane: so does everything in the lab that needs "the" API server.
  return [...nodes.filter((n) => n.role === 'controlplane'), ...nodes.filter((n) => n.role === 'worker')];
}
