import { isHostAddress, networkOf } from '../net/addresses';
import { apiEndpointOf, virtualIpsOf } from './apiEndpoint';
import type { CheckedCluster } from './checkedCluster';
import { kubernetesApiPort } from './definition';
import { linksOf, nodeAddressSource } from './machine/links';
import { type CheckedMachine, onceEach } from './machine/machines';
import { insidePoolProblems } from './poolChecks';
import { type Problem, show } from './problems';
import { describeRanges, type Settings } from './settings';

/** Checks what serves the Kubernetes API: that something does, and that virtual IPs can be held. */
export function apiEndpointProblems(cluster: CheckedCluster): Problem[] {
  const machines = cluster.machines ?? [];
  return [
    ...onceEach(machines.flatMap((machine) => virtualIpProblems(machine, machines, cluster.settings))),
    ...hostProblems(cluster),
    ...portProblems(cluster),
  ];
}

function virtualIpProblems(
  { node, at }: CheckedMachine,
  machines: readonly CheckedMachine[],
  settings: Settings,
): Problem[] {
  const source = nodeAddressSource(node);
  return linksOf(node.network).flatMap(({ name, path, settings: { vip, addresses = [] } }): Problem[] => {
    // `machine/` refuses one on a worker.
    if (vip === undefined || node.role === 'worker') return [];
    const where = at('network', ...path, 'vip', 'ip');
    const found = show(vip.ip);
    const owner = machines.find((machine) => machine.node.address === vip.ip)?.node;
    if (owner !== undefined) {
      const expected = `an address that no machine has (${owner.name} has it)`;
      return [{ where, found, expected, fix: 'use a free address of the subnet' }];
    }
    const { nodeCidr } = settings;
    // On another link, control planes answer for it in another subnet.
    const isOnNodeLink = source.kind === 'link' && source.link.name === name;
    const subnets = [...(nodeCidr?.value ?? []), ...addresses.flatMap((address) => networkOf(address) ?? [])];
    if (isOnNodeLink && nodeCidr !== undefined && !subnets.some((subnet) => isHostAddress(subnet, vip.ip))) {
      const expected = `a host address in ${describeRanges(nodeCidr)}, where control planes answer ARP for it`;
      return [{ where, found, expected, fix: 'use a free address of the subnet' }];
    }
    return insidePoolProblems(where, vip.ip, settings);
  });
}

function hostProblems({ config: { apiEndpoint }, at, machines, settings: { apiHost } }: CheckedCluster): Problem[] {
  if (machines === undefined || machines.length === 0 || apiHost === undefined) return [];
  const nodes = machines.map(({ node }) => node);
  const owners = nodes.filter(({ address }) => address === apiHost.value);
  const holders = nodes.filter((node) => virtualIpsOf(node).includes(apiHost.value));
  const [found, where] = [show(apiHost.value), apiHost.place];
  if (apiEndpoint === 'loadBalancer' && [...owners, ...holders].length > 0) {
    const expected = `nothing, because K8S_API_HOST ${apiHost.value} is an address of ${[...owners, ...holders].map(({ name }) => name).join(', ')}`;
    return [{ where: at('apiEndpoint'), found: 'loadBalancer', expected, fix: 'remove it, or correct K8S_API_HOST' }];
  }
  if (apiEndpointOf({ apiHost: apiHost.value, apiEndpoint, nodes }) !== undefined) return [];
  if (holders.length > 0) {
    const without = nodes.filter((node) => node.role === 'controlplane' && !holders.includes(node));
    const expected = `a virtual IP of every control plane; ${without.map(({ name }) => name).join(', ')} cannot hold it`;
    return [{ where, found, expected, fix: 'add the vip to controlPlane in the stack file' }];
  }
  if (owners.length > 0) {
    const why = owners[0]?.role === 'worker' ? 'a worker serves no API' : 'the API would be gone with that machine';
    const expected = `not the address of ${owners[0]?.name}, because ${why}`;
    return [{ where, found, expected, fix: 'use a DNS name of all control planes, or a virtual IP' }];
  }
  const expected = 'a DNS name of the control planes, their virtual IP, or the address of the only one';
  const fix =
    'correct it, or say `apiEndpoint: loadBalancer` in the stack file if a load balancer of another owner serves it';
  return [{ where, found, expected, fix }];
}

/** API servers listen on one port; only a load balancer can serve another. */
function portProblems({ config: { apiEndpoint }, settings: { apiPort } }: CheckedCluster): Problem[] {
  if (apiPort === undefined || apiEndpoint === 'loadBalancer' || apiPort.value === kubernetesApiPort) return [];
  const expected = `"${kubernetesApiPort}", where API servers listen; another port needs a load balancer`;
  return [{ where: apiPort.place, found: show(String(apiPort.value)), expected, fix: 'correct it' }];
}
