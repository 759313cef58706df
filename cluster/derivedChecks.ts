import type { CheckedCluster } from './checkedCluster';
import { kubernetesApiPort } from './definition';
import { type Problem, show } from './problems';
import { kubePrismPort } from './talos/clusterPatch';

/** Checks settings against values that the program, Kubernetes or Cilium derives elsewhere. */
export function derivedProblems(cluster: CheckedCluster): Problem[] {
  return [...ciliumNameProblems(cluster), ...operatorProblems(cluster), ...apiPortProblems(cluster)];
}

/** Cilium's limit; the chart refuses to render beyond it (templates/validate.yaml of cilium 1.18.3). */
const longestCiliumName = 32;

function ciliumNameProblems({ settings: { name } }: CheckedCluster): Problem[] {
  if (name === undefined || (name.value.length <= longestCiliumName && name.value !== 'default')) return [];
  return [
    {
      where: name.place,
      found: show(name.value),
      expected: `at most ${longestCiliumName} characters, and not "default": Cilium accepts no other name with a cluster id`,
      fix: 'rename the cluster: its stack, its folder and this setting',
    },
  ];
}

/** Pods of Cilium's operator do not share a node (operator.affinity in the values of cilium 1.18.3): one too many waits forever. */
function operatorProblems({
  config: { nodes },
  settings: { ciliumOperatorReplicas: replicas },
}: CheckedCluster): Problem[] {
  if (nodes === undefined || replicas === undefined || replicas.value <= nodes.length) return [];
  return [
    {
      where: replicas.place,
      found: show(String(replicas.value)),
      expected: `at most ${nodes.length}, the number of nodes: two pods of the operator do not share one, and Flux waits for all`,
      fix: 'lower it, or add nodes',
    },
  ];
}

/** The port at which Cilium dials the API: KubePrism on its own node, or the API servers themselves. */
function apiPortProblems({ settings: { apiHost, apiPort, serviceHost, servicePort } }: CheckedCluster): Problem[] {
  if (serviceHost === undefined || servicePort === undefined) return [];
  const isLocal = ['localhost', '127.0.0.1'].includes(serviceHost.value);
  // What listens at any other host is not known here.
  if (!isLocal && serviceHost.value !== apiHost?.value) return [];
  const port = isLocal ? kubePrismPort : (apiPort?.value ?? kubernetesApiPort);
  if (servicePort.value === port) return [];
  const listener = isLocal ? 'KubePrism listens on every node' : 'the Kubernetes API listens';
  return [
    {
      where: servicePort.place,
      found: show(String(servicePort.value)),
      expected: `"${port}", where ${listener}: without it Cilium cannot start, and no pod has a network`,
      fix: 'correct it',
    },
  ];
}
