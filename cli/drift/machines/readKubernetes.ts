import type { KubernetesClient } from '../../../clients/kubernetes/client';
import { cordonedBy, type KubeNode, notReadyReason } from '../../../clients/kubernetes/nodes';
import type { KubeObject } from '../../../clients/kubernetes/objects';
import type { FoundNode } from '../../../cluster/drift/nodeDrift';
import type { RunningKubernetes } from '../../../cluster/drift/systemDrift';

/** What Kubernetes reports about the machines. */
export interface KubernetesReport {
  nodes: FoundNode[];
  /** By the name of the node. */
  running: Map<string, RunningKubernetes>;
}

const newImages = (): Record<string, string> => ({});

interface StaticPod extends KubeObject {
  spec?: { nodeName?: string; containers?: { image?: string }[] };
}

/** Reads Nodes and the pods of the control plane. Throws what the API says if it refuses. */
export async function readKubernetes(api: KubernetesClient): Promise<KubernetesReport> {
  const [nodes, pods] = await Promise.all([
    api.list<KubeNode>('/api/v1/nodes'),
    api.list<StaticPod>('/api/v1/namespaces/kube-system/pods', { labelSelector: 'tier=control-plane' }),
  ]);
  const running = new Map(
    nodes.map(({ metadata, status }) => [
      metadata.name,
      { kubelet: status?.nodeInfo?.kubeletVersion, images: newImages() },
    ]),
  );
  for (const { metadata, spec } of pods) {
    const node = spec?.nodeName ?? '';
    const image = spec?.containers?.[0]?.image;
    const images = running.get(node)?.images;
    // The kubelet names the pod of a component after it and the node.
    if (image !== undefined && images !== undefined) images[metadata.name.replace(new RegExp(`-${node}$`), '')] = image;
  }
  return {
    nodes: nodes.map((node) => ({
      name: node.metadata.name,
      unschedulable: node.spec?.unschedulable === true,
      cordonedBy: node.metadata.annotations?.[cordonedBy],
      notReady: notReadyReason(node),
    })),
    running,
  };
}
