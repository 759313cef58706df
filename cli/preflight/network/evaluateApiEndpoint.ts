import type { ClusterDefinition } from '../../../cluster/definition';
import { formatHostPort } from '../../../cluster/dialOverrides';
import { type CheckResult, failed, ok, warning } from '../checkResult';
import type { NodeFacts } from '../nodes/evaluateNode';

/** What a connection fails with if a machine has the address but nothing listens at the port. */
const refused = 'ECONNREFUSED';

/**
 * Whether a virtual IP is free or held by this cluster.
 * @param machine what the Talos API at the address answers
 * @param apiError why no connection to the Kubernetes API at the address is possible; undefined if it is
 * @param hasCluster whether a machine is configured by this stack
 */
export function evaluateVirtualIp(
  address: string,
  machine: NodeFacts,
  apiError: string | undefined,
  hasCluster: boolean,
): CheckResult {
  const check = { id: `virtual-ip:${address}`, what: `virtual IP ${address}` };
  if (machine.state === 'configured') return ok(check, 'a control plane of this cluster has it');
  const why = machine.state === 'unreachable' ? machine.why : '';
  const isFree = machine.state === 'unreachable' && why !== refused && apiError !== undefined && apiError !== refused;
  if (!isFree) {
    const what =
      machine.state === 'maintenance' ? 'a machine in maintenance mode' : 'a machine that is not of this cluster';
    return failed(check, `${what} has it`, 'choose an address that no machine has, or take it from that machine');
  }
  if (!hasCluster) return ok(check, 'free: nothing answers');
  const fix = 'see whether etcd is bootstrapped and healthy: a control plane takes it only then';
  return warning(check, 'no control plane has it', fix);
}

/**
 * Whether a load balancer of another owner forwards to the cluster.
 * @param error why no connection is possible; undefined if it is
 */
export function evaluateLoadBalancer(
  { apiHost, apiPort }: Pick<ClusterDefinition, 'apiHost' | 'apiPort'>,
  error: string | undefined,
  hasCluster: boolean,
): CheckResult {
  const where = formatHostPort({ host: apiHost, port: apiPort });
  const check = { id: 'load-balancer', what: `load balancer ${where}` };
  if (error === undefined) return ok(check, 'accepts connections');
  const fix = 'let it forward TCP to port 6443 of every control plane, and be reachable from here and from the nodes';
  if (hasCluster) return failed(check, error, fix);
  return warning(check, `${error}; there is no cluster yet that it could forward to`, fix);
}
