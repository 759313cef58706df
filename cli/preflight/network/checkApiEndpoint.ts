import { apiEndpointOf, sharedVirtualIps } from '../../../cluster/apiEndpoint';
import { type ClusterDefinition, kubernetesApiPort } from '../../../cluster/definition';
import { dialTarget } from '../../../cluster/dialOverrides';
import { talosPort } from '../../../clients/talos/client';
import type { TalosClientConfiguration } from '../../../clients/talos/identity';
import type { CheckResult } from '../checkResult';
import type { NodeFacts } from '../nodes/evaluateNode';
import { connectErrorOf, readNode } from '../nodes/readNode';
import { evaluateLoadBalancer, evaluateVirtualIp } from './evaluateApiEndpoint';

/**
 * Checks what serves the API by its own rule: each virtual IP, or a load balancer of another owner. `checkNames` checks a DNS
 * name, and the checks of the nodes a machine's own address. `nodes` is what the machines answered.
 */
export async function checkApiEndpoint(
  definition: ClusterDefinition,
  identity: TalosClientConfiguration | undefined,
  nodes: readonly NodeFacts[],
): Promise<CheckResult[]> {
  const { apiHost, apiPort, dialOverrides } = definition;
  const hasCluster = nodes.some(({ state }) => state === 'configured');
  if (apiEndpointOf(definition)?.kind === 'loadBalancer') {
    const error = await connectErrorOf(dialTarget(apiHost, apiPort, dialOverrides));
    return [evaluateLoadBalancer(definition, error, hasCluster)];
  }
  return Promise.all(
    sharedVirtualIps(definition.nodes).map(async (address) => {
      const machine = await readNode({ address }, dialTarget(address, talosPort, dialOverrides), identity);
      const api = await connectErrorOf(dialTarget(address, kubernetesApiPort, dialOverrides));
      return evaluateVirtualIp(address, machine, api, hasCluster);
    }),
  );
}
