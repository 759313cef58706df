import type { KubernetesClient } from '../../clients/kubernetes/client';
import { evictRemaining, type HeldPod, planDrain, podsOf } from '../../clients/kubernetes/drain';
import { isTransient } from '../../clients/kubernetes/errors';
import { cordon, type KubeNode, uncordonOurs } from '../../clients/kubernetes/nodes';
import { pollUntil } from '../../clients/process/pollUntil';
import { messageOf } from '../../clients/userError';
import type { Operation } from '../engine/implementation';

/** A node to drain. */
export interface DrainRequest {
  node: string;
  /** Why it is drained, for the annotation on its Node and the progress: `upgrade to Talos v1.11.6`. */
  why: string;
  timeoutSeconds: number;
}

const defaultIntervalMilliseconds = 2_000;

/**
 * Cordons a node and evicts its pods, within their disruption budgets; returns when they are gone. A node without a Node object
 * has no pods, and those of the only node have nowhere to go. If it fails, the node is uncordoned again, because nothing has happened to its machine yet.
 *
 * @throws UserError on timeout, naming the pods that are left and the budgets that hold them
 */
export async function drainNode(
  api: KubernetesClient,
  request: DrainRequest,
  operation: Operation,
  intervalMilliseconds = defaultIntervalMilliseconds,
): Promise<void> {
  const { progress } = operation;
  const nodes = await api.list<KubeNode>('/api/v1/nodes');
  const node = nodes.find(({ metadata }) => metadata.name === request.node);
  if (node === undefined) return;
  if (nodes.length === 1) return progress.info(`${request.node} is not drained: its pods have no other node to go to`);
  const cordoned = await cordon(api, node, request.why);
  if (cordoned === 'by others') progress.info(`${request.node} is cordoned already, and will stay so`);
  try {
    await evictAll(api, request, operation, intervalMilliseconds);
  } catch (error) {
    await uncordonOurs(api, request.node).catch(() => undefined);
    throw error;
  }
}

/** Uncordons a node if we cordoned it, in this run or an earlier one. */
export async function uncordonNode(api: KubernetesClient, node: string, { progress }: Operation): Promise<void> {
  if (await uncordonOurs(api, node)) progress.info(`${node} takes pods again`);
}

async function evictAll(
  api: KubernetesClient,
  { node, why, timeoutSeconds }: DrainRequest,
  { progress, signal }: Operation,
  intervalMilliseconds: number,
): Promise<void> {
  const plan = planDrain(await podsOf(api, node));
  progress.info(`draining ${node} (${why}): ${plan.evicted.length} pods`);
  if (plan.withoutController.length > 0) {
    progress.warn(
      `${node}: without a controller, these pods are not moved and end with the machine: ${plan.withoutController.join(', ')}`,
    );
  }
  let held: HeldPod[] = [];
  await pollUntil(
    async () => {
      try {
        held = await evictRemaining(api, node, plan);
      } catch (error) {
        if (!isTransient(error)) throw error;
        progress.status(`draining ${node}: ${messageOf(error)}`);
        return undefined;
      }
      const [first] = held;
      if (first === undefined) return true;
      progress.status(
        `draining ${node}: ${held.length} of ${plan.evicted.length} pods left; ${first.pod}: ${first.why}`,
      );
      return undefined;
    },
    {
      timeoutSeconds,
      intervalMilliseconds,
      signal,
      timedOut: (waited) =>
        [
          `${node} is not drained after ${waited} s, and nothing was done to its machine. Still on it:`,
          ...held.map(({ pod, why: reason }) => `  ${pod}: ${reason}`),
          'Let them go (more replicas, a budget that allows one less, or delete the pod), or raise rollout.drain.timeoutSeconds; ' +
            'then run `pulumi up` again.',
        ].join('\n'),
    },
  );
}
