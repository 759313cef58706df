import type { ClusterDefinition } from '../../../cluster/definition';
import { describeDialTarget, dialTarget } from '../../../cluster/dialOverrides';
import type { TalosClientConfiguration } from '../../../clients/talos/identity';
import { talosPort } from '../../../clients/talos/client';
import type { CheckResult } from '../checkResult';
import { evaluateNode, type Schematic } from './evaluateNode';
import { readNode } from './readNode';

/** Checks every node, in parallel: one result each. `identity` is the stack's, once it has generated one. */
export async function checkNodes(
  definition: ClusterDefinition,
  identity: TalosClientConfiguration | undefined,
  schematic: Schematic,
): Promise<CheckResult[]> {
  const { dialOverrides } = definition;
  return Promise.all(
    definition.nodes.map(async (node) => {
      const facts = await readNode(node, dialTarget(node.address, talosPort, dialOverrides), identity);
      const address = describeDialTarget(node.address, talosPort, dialOverrides);
      return evaluateNode(definition, node, address, schematic, facts);
    }),
  );
}
