import { prefixLength } from '../net/addresses';
import type { CheckedCluster } from './checkedCluster';
import { kubernetesApiPort } from './definition';
import { type Problem, show } from './problems';
import { kubePrismPort } from './talos/clusterPatch';

/** Checks settings against values that the program, Kubernetes or Cilium derives elsewhere. */
export function derivedProblems(cluster: CheckedCluster): Problem[] {
  return [...ciliumNameProblems(cluster), ...apiPortProblems(cluster), ...podRangeProblems(cluster)];
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

/** The port at which Cilium dials the API: KubePrism on its own node, or the API servers themselves. */
function apiPortProblems({ settings: { apiHost, serviceHost, servicePort } }: CheckedCluster): Problem[] {
  if (serviceHost === undefined || servicePort === undefined) return [];
  const isLocal = ['localhost', '127.0.0.1'].includes(serviceHost.value);
  // What listens at any other host is not known here.
  if (!isLocal && serviceHost.value !== apiHost?.value) return [];
  const port = isLocal ? kubePrismPort : kubernetesApiPort;
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

/** The range that kube-controller-manager gives each node by default (--node-cidr-mask-size-ipv4). */
const nodePodPrefix = 24;

function podRangeProblems({ config: { nodes }, settings: { podCidr } }: CheckedCluster): Problem[] {
  if (podCidr === undefined) return [];
  const { value } = podCidr;
  const parts = Math.floor(2 ** (nodePodPrefix - prefixLength(value.text)));
  if (nodes === undefined || nodes.length <= parts) return [];
  const expected = `a range with a /${nodePodPrefix} for each of the ${nodes.length} nodes; it has ${parts}`;
  return [{ where: podCidr.place, found: show(value.text), expected, fix: 'widen it' }];
}
