import { type ClusterDefinition, dialAddress } from '../../../cluster/definition';
import type { TalosClientConfiguration } from '../../../clients/talos/identity';
import { talosPort } from '../../../clients/talos/client';
import { describeDial, dialled } from '../dialOverride';
import type { Line } from '../checkResult';
import { evaluateNode } from './evaluateNode';
import { readNode } from './readNode';

/** Every node, side by side, one line each. `identity` is the stack's, once it has one. */
export async function checkNodes(
  definition: ClusterDefinition,
  identity: TalosClientConfiguration | undefined,
): Promise<Line[]> {
  const { detours } = definition;
  return Promise.all(
    definition.nodes.map(async (node) => {
      const address = dialAddress(node);
      const facts = await readNode(node, dialled(address, talosPort, detours), identity);
      return evaluateNode(definition, node, describeDial(address, talosPort, detours), facts);
    }),
  );
}
