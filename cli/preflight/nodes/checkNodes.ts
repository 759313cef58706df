import type { ClusterDefinition } from '../../../cluster/definition';
import { describeDialTarget, dialTarget } from '../../../cluster/dialOverrides';
import type { TalosClientConfiguration } from '../../../clients/talos/identity';
import { talosPort } from '../../../clients/talos/client';
import type { CheckResult } from '../checkResult';
import { evaluateNode, type NodeFacts } from './evaluateNode';
import { readNode } from './readNode';

/** What every node answers, in their order, asked in parallel. `identity` is the stack's, once it has generated one. */
export async function readNodes(
  { nodes, dialOverrides }: Pick<ClusterDefinition, 'nodes' | 'dialOverrides'>,
  identity: TalosClientConfiguration | undefined,
): Promise<NodeFacts[]> {
  return Promise.all(nodes.map((node) => readNode(node, dialTarget(node.address, talosPort, dialOverrides), identity)));
}

/** One result for each node; `facts` are theirs, in the same order. */
export function evaluateNodes(definition: ClusterDefinition, facts: readonly NodeFacts[]): CheckResult[] {
  return definition.nodes.flatMap((node, index) => {
    const found = facts[index];
    const address = describeDialTarget(node.address, talosPort, definition.dialOverrides);
    return found === undefined ? [] : [evaluateNode(definition, node, address, found)];
  });
}
