import type { KubernetesClient } from './client';
import { conditionOf, type Condition, type KubeObject } from './objects';

/** A Node, as far as we use it. */
export interface KubeNode extends KubeObject {
  spec?: { unschedulable?: boolean };
  status?: {
    conditions?: Condition[];
    /** As the kubelet reported it when it last started. */
    nodeInfo?: { bootID?: string; kubeletVersion?: string };
  };
}

/** The annotation on a Node that we cordoned; its value says why. Without it, someone else cordoned the Node. */
export const cordonedBy = 'k8s-gitops/cordoned-by';

/** The Node of that name; undefined if it does not exist. */
export function getNode(api: KubernetesClient, name: string): Promise<KubeNode | undefined> {
  return api.get<KubeNode>(nodePath(name));
}

/**
 * Keeps new pods away from a node, and says in an annotation why. A node that is already cordoned stays as it is: whoever
 * did that has a reason of their own, and only they uncordon it.
 */
export async function cordon(
  api: KubernetesClient,
  node: KubeNode,
  why: string,
): Promise<'cordoned' | 'ours already' | 'by others'> {
  if (node.spec?.unschedulable) {
    return node.metadata.annotations?.[cordonedBy] === undefined ? 'by others' : 'ours already';
  }
  await api.mergePatch(nodePath(node.metadata.name), {
    metadata: { annotations: { [cordonedBy]: why } },
    spec: { unschedulable: true },
  });
  return 'cordoned';
}

/** Uncordons a node that has our annotation; returns whether it had. */
export async function uncordonOurs(api: KubernetesClient, name: string): Promise<boolean> {
  const node = await getNode(api, name);
  if (node?.metadata.annotations?.[cordonedBy] === undefined) return false;
  const patch = { metadata: { annotations: { [cordonedBy]: null } }, spec: { unschedulable: null } };
  await api.mergePatch(nodePath(name), patch);
  return true;
}

/** Deletes a Node; succeeds if it does not exist. */
export function deleteNode(api: KubernetesClient, name: string): Promise<void> {
  return api.delete(nodePath(name));
}

/**
 * Why a Node is not ready; undefined if it is. A Node counts as ready for up to 40 seconds after its machine went down:
 * with a boot id (of the machine, from Talos), one that reports an earlier boot is not ready.
 */
export function notReadyReason(node: KubeNode | undefined, bootId?: string): string | undefined {
  if (node === undefined) return 'has no Node in Kubernetes';
  const reported = node.status?.nodeInfo?.bootID;
  if (bootId !== undefined && reported !== undefined && reported !== '' && reported !== bootId) {
    return 'its kubelet has not reported since the machine booted';
  }
  const ready = conditionOf(node, 'Ready');
  if (ready?.status === 'True') return undefined;
  return `is not Ready: ${ready?.message ?? ready?.reason ?? 'its kubelet has not reported yet'}`;
}

function nodePath(name: string): string {
  return `/api/v1/nodes/${encodeURIComponent(name)}`;
}
