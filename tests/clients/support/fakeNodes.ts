import type { Handler } from './fakeApi';

export interface FakePod {
  name: string;
  namespace?: string;
  node: string;
  /** Kind of its controller. Default ReplicaSet; undefined: none. */
  controller?: string | undefined;
  annotations?: Record<string, string>;
  phase?: string;
  terminating?: boolean;
}

interface FakeNode {
  metadata: { name: string; annotations?: Record<string, string> };
  spec: { unschedulable?: boolean };
  status: object;
}

/** Nodes and pods for a FakeApi. An evicted pod is listed once more as terminating, then is gone. */
export class FakeNodes {
  readonly nodes = new Map<string, FakeNode>();
  pods: FakePod[] = [];
  /** Response to the eviction of a pod, by its name, instead of success. */
  readonly refusals = new Map<string, { status: number; body: unknown }>();

  addNode(name: string, spec: FakeNode['spec'] = {}, annotations?: Record<string, string>, status: object = {}): void {
    this.nodes.set(name, { metadata: { name, ...(annotations && { annotations }) }, spec, status });
  }

  readonly handler: Handler = ({ method, path, query, body }) => {
    const [, nodeName] = /^\/api\/v1\/nodes\/([^/]+)$/.exec(path) ?? [];
    const node = this.nodes.get(nodeName ?? '');
    if (node && method === 'GET') return { body: node };
    if (node && method === 'PATCH') return { body: this.patch(node, body as Partial<FakeNode>) };
    if (node && method === 'DELETE') return { body: { deleted: this.nodes.delete(node.metadata.name) } };
    if (path === '/api/v1/nodes') return { body: { items: [...this.nodes.values()] } };
    if (path === '/api/v1/pods') return { body: { items: this.list(query['fieldSelector']?.split('=')[1]) } };
    const [, podName] = /\/pods\/([^/]+)\/eviction$/.exec(path) ?? [];
    if (podName === undefined) return undefined;
    const refusal = this.refusals.get(podName);
    if (refusal) return refusal;
    const pod = this.pods.find(({ name }) => name === podName);
    if (!pod) return undefined;
    pod.terminating = true;
    return { status: 201, body: {} };
  };

  private list(node: string | undefined) {
    const found = this.pods.filter((pod) => pod.node === node);
    this.pods = this.pods.filter(({ terminating }) => !terminating);
    return found.map((pod) => ({
      metadata: {
        name: pod.name,
        namespace: pod.namespace ?? 'default',
        uid: `uid-of-${pod.name}`,
        annotations: pod.annotations,
        ...(pod.terminating && { deletionTimestamp: '2026-11-28T12:00:00Z' }),
        ...(!('controller' in pod && pod.controller === undefined) && {
          ownerReferences: [{ kind: pod.controller ?? 'ReplicaSet', name: 'owner', controller: true }],
        }),
      },
      status: { phase: pod.phase ?? 'Running' },
    }));
  }

  private patch(node: FakeNode, { metadata, spec }: Partial<FakeNode>): FakeNode {
    const merged = { ...node.metadata.annotations, ...metadata?.annotations };
    node.metadata.annotations = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
    if (spec?.unschedulable === null) node.spec = {};
    else if (spec) node.spec = { ...node.spec, ...spec };
    return node;
  }
}

/** The response to an eviction that a disruption budget does not allow, as the API server words it. */
export function heldByBudget(budget: string, needed: number): { status: number; body: unknown } {
  const message = `The disruption budget ${budget} needs ${needed} healthy pods and has ${needed} currently`;
  return {
    status: 429,
    body: {
      kind: 'Status',
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: { causes: [{ reason: 'DisruptionBudget', message }] },
    },
  };
}
