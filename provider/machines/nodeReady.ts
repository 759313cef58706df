import type { KubernetesClient } from '../../clients/kubernetes/client';
import { getNode, notReadyReason } from '../../clients/kubernetes/nodes';

/** What a Node must report to count as back. */
export interface ReadyNode {
  node: string;
  /** Boot id of the machine, if it has just booted. */
  bootId?: string;
}

/** Why a Node is not ready, with its name; undefined if it is. */
export async function nodeProblem(api: KubernetesClient, { node, bootId }: ReadyNode): Promise<string | undefined> {
  const reason = notReadyReason(await getNode(api, node), bootId);
  return reason === undefined ? undefined : `node ${node} ${reason}`;
}
