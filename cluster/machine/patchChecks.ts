import { isMap, type Json, type JsonMap } from '../../gitops/kubernetesObject';
import { type Problem, show } from '../problems';

/**
 * What the program writes and checks against other values, and where to say it instead: a patch would make the checks speak
 * of another machine.
 */
const reserved: readonly { path: string; instead: string }[] = [
  { path: 'machine.type', instead: 'the role of the node' },
  { path: 'machine.token', instead: 'the secrets that the program generates' },
  { path: 'machine.ca', instead: 'the secrets that the program generates' },
  { path: 'machine.install.image', instead: 'schematic or installerImage' },
  { path: 'machine.install.disk', instead: 'installDisk' },
  { path: 'machine.install.diskSelector', instead: 'installDiskSelector' },
  { path: 'machine.network.hostname', instead: 'the name of the node' },
  { path: 'machine.kubelet.image', instead: 'KUBERNETES_VERSION' },
  { path: 'machine.kubelet.nodeIP', instead: 'NODE_CIDR' },
  { path: 'machine.kubelet.clusterDNS', instead: 'COREDNS_CLUSTER_IP' },
  { path: 'machine.features.kubePrism', instead: 'K8S_SERVICE_PORT' },
  { path: 'cluster.id', instead: 'the secrets that the program generates' },
  { path: 'cluster.secret', instead: 'the secrets that the program generates' },
  { path: 'cluster.token', instead: 'the secrets that the program generates' },
  { path: 'cluster.ca', instead: 'the secrets that the program generates' },
  { path: 'cluster.clusterName', instead: 'the name of the stack' },
  { path: 'cluster.controlPlane.endpoint', instead: 'K8S_API_HOST' },
  { path: 'cluster.network.cni', instead: 'Cilium, which Git describes' },
  { path: 'cluster.network.podSubnets', instead: 'POD_CIDR' },
  { path: 'cluster.network.serviceSubnets', instead: 'SERVICE_CIDR' },
  { path: 'cluster.etcd.advertisedSubnets', instead: 'NODE_CIDR' },
  { path: 'cluster.coreDNS', instead: 'CoreDNS, which Git describes' },
  { path: 'cluster.proxy', instead: 'Cilium, which Git describes' },
  { path: 'cluster.allowSchedulingOnControlPlanes', instead: 'allowSchedulingOnControlPlanes' },
  ...['apiServer', 'controllerManager', 'scheduler'].map((component) => ({
    path: `cluster.${component}.image`,
    instead: 'KUBERNETES_VERSION',
  })),
];

const outermost = ['version', 'debug', 'persist', 'machine', 'cluster'];

/** Why a patch is refused. `where` is the place of the patch in the stack file. */
export function patchProblems(patch: unknown, where: string): Problem[] {
  // RFC 6902, which Talos refuses for a configuration of several documents.
  const isJsonPatch = Array.isArray(patch) || (isMap(patch) && 'op' in patch && 'path' in patch);
  if (isJsonPatch) {
    const expected = 'a part of a configuration: Talos refuses JSON patches for a configuration of several documents';
    return [
      { where, found: 'a JSON patch', expected, fix: 'write the part that it changes, such as machine: { env: {} }' },
    ];
  }
  if (!isMap(patch)) return [{ where, found: show(patch), expected: 'a map', fix: 'correct it' }];
  if ('kind' in patch || 'apiVersion' in patch) return documentProblems(patch, where);
  const unknown = Object.keys(patch).filter((key) => !outermost.includes(key));
  if (unknown.length > 0) {
    const expected = 'machine, cluster, or a document with apiVersion and kind';
    return [{ where, found: show(unknown.join(', ')), expected, fix: 'correct it' }];
  }
  return reserved
    .filter(({ path }) => touches(patch, path.split('.')))
    .map(({ path, instead }) => ({
      where,
      found: path,
      expected: `a patch without it, because the program writes it and checks it: it comes from ${instead}`,
      fix: 'remove it',
    }));
}

function documentProblems({ apiVersion, kind, name }: JsonMap, where: string): Problem[] {
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') {
    const expected = 'apiVersion and kind, as every document of Talos has';
    return [{ where, found: 'a document without one of them', expected, fix: 'add it' }];
  }
  if (kind !== 'HostnameConfig') return [];
  const expected = 'a document of another kind: the name of the node is its hostname';
  return [{ where, found: show(name ?? kind), expected, fix: 'remove it' }];
}

/** Whether a patch says something at a path or below it, or removes or replaces what is around it. */
function touches(patch: Json | undefined, [key = '', ...below]: readonly string[]): boolean {
  if (!isMap(patch)) return false;
  if ('$patch' in patch) return true;
  if (!(key in patch)) return false;
  return below.length === 0 || touches(patch[key], below);
}
