import * as z from 'zod';
import { cordonedBy, type KubeNode } from '../../clients/kubernetes/nodes';
import { nodeChangeProblems } from '../../cluster/rollout/departures';
import type { Implementation, Operation } from '../engine/implementation';
import { healthyControlPlanes, viewCluster } from '../machines/clusterView';
import { departNode } from '../machines/departNode';
import { uncordonNode } from '../machines/drain';
import { withKubernetes } from '../machines/openKubernetes';
import { defaultPace, type Pace, previewPace } from '../machines/pace';
import type { ClusterNodesInputs } from './inputs';
import { drainSettings, machineTarget, nonEmpty, talosIdentity, timeoutSeconds } from './inputSchemas';

const node = z.object({ ...machineTarget, role: z.enum(['controlplane', 'worker']), leaving: z.boolean() });

const schema: z.ZodType<ClusterNodesInputs> = z.object({
  cluster: nonEmpty,
  nodes: z.array(node).min(1),
  clientConfiguration: talosIdentity,
  drain: drainSettings,
  timeoutSeconds,
});

/**
 * Which nodes a cluster has: takes those that are marked out of it, one after the other, and refuses a stack whose entry of a
 * node is gone before that. It also uncordons what an interrupted run left cordoned. Deleting it touches no machine.
 */
export const clusterNodes = clusterNodesWith(defaultPace);

/** With another pace, for tests. */
export function clusterNodesWith(pace: Pace): Implementation<ClusterNodesInputs, ClusterNodesInputs> {
  return {
    schema,
    connectionInputs: ['cluster', 'clientConfiguration', 'drain', 'timeoutSeconds'],
    updateTriggers: ['nodes'],
    secretProperties: ['clientConfiguration'],
    refuse: (before, after) => nodeChangeProblems(before?.nodes ?? [], after.nodes),
    create: async (inputs, operation) => {
      await depart(inputs, [], operation, pace);
      return { id: inputs.cluster, outputs: inputs };
    },
    inspect: (state, inputs, operation) => inspect(state, inputs, operation, pace),
    update: async (state, inputs, operation) => {
      for (const name of await cordonedNodes(inputs, operation, pace)) await uncordon(name, inputs, operation, pace);
      const left = state.nodes.filter(({ leaving }) => leaving).map(({ name }) => name);
      await depart(inputs, left, operation, pace);
      return inputs;
    },
  };
}

/** Takes all marked nodes out of the cluster but those that have left already. */
async function depart(
  { nodes, clientConfiguration: identity, drain, timeoutSeconds: timeout }: ClusterNodesInputs,
  left: readonly string[],
  operation: Operation,
  pace: Pace,
): Promise<void> {
  const present = nodes.filter(({ name }) => !left.includes(name));
  const controlPlanes = present.filter(({ role }) => role === 'controlplane');
  for (const target of present.filter(({ leaving }) => leaving)) {
    await departNode({ target, identity, controlPlanes, drain, timeoutSeconds: timeout }, operation, pace);
  }
}

async function inspect(
  state: ClusterNodesInputs,
  inputs: ClusterNodesInputs,
  operation: Operation,
  pace: Pace,
): Promise<boolean> {
  const { progress } = operation;
  const left = state.nodes.filter(({ leaving }) => leaving).map(({ name }) => name);
  for (const { name, leaving } of inputs.nodes) {
    if (!leaving || left.includes(name)) continue;
    progress.info(
      `${name} leaves: it is drained and its machine is reset; one that does not answer is taken out of etcd by the others`,
    );
  }
  const cordoned = await cordonedNodes(inputs, operation, pace);
  for (const name of cordoned) progress.info(`${name} was left cordoned by an interrupted run, and takes pods again`);
  return cordoned.length > 0;
}

/** Nodes that an interrupted run left cordoned; none if Kubernetes does not answer. */
async function cordonedNodes(inputs: ClusterNodesInputs, operation: Operation, pace: Pace): Promise<string[]> {
  try {
    const { clientConfiguration: identity } = inputs;
    const view = await viewCluster(stayingControlPlanes(inputs), identity, previewPace(pace));
    const source = { controlPlanes: healthyControlPlanes(view), identity };
    const nodes = await withKubernetes(source, operation, pace, (api) => api.list<KubeNode>('/api/v1/nodes'));
    return nodes
      .filter(({ metadata }) => metadata.annotations?.[cordonedBy] !== undefined)
      .map(({ metadata }) => metadata.name);
  } catch {
    return [];
  }
}

async function uncordon(name: string, inputs: ClusterNodesInputs, operation: Operation, pace: Pace): Promise<void> {
  const source = { controlPlanes: stayingControlPlanes(inputs), identity: inputs.clientConfiguration };
  await withKubernetes(source, operation, pace, (api) => uncordonNode(api, name, operation));
}

function stayingControlPlanes({ nodes }: ClusterNodesInputs) {
  return nodes.filter(({ role, leaving }) => role === 'controlplane' && !leaving);
}
