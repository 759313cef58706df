import { type Json, type JsonMap, isMap, valueAt, listOf } from '../../kubernetesObject';
import { type Rule, bare } from './policies';

/** Whether an entry of `ports` holds a port; a name may stand for any. */
function holds(port: Json, wanted: number): boolean {
  const first = Number(valueAt(port, 'port'));
  const last = Number(valueAt(port, 'endPort') ?? first);
  return valueAt(port, 'port') === undefined || first === 0 || (first <= wanted && wanted <= last);
}

/** The ports that a rule is limited to, each with its place in the rule; undefined where it is for all of them. */
export function portsOf(rule: JsonMap): { path: (string | number)[]; port: Json }[] | undefined {
  if (rule['toPorts'] !== undefined) {
    const found = listOf(rule['toPorts']).flatMap((entry, index) =>
      listOf(valueAt(entry, 'ports')).map((port, at) => ({ path: ['toPorts', index, 'ports', at, 'port'], port })),
    );
    return found.length === 0 ? undefined : found;
  }
  const ports = listOf(rule['ports']);
  return ports.length === 0 ? undefined : ports.map((port, index) => ({ path: ['ports', index, 'port'], port }));
}

/** Whether a rule lets a port through. */
export function allowsPort(rule: JsonMap, wanted: number): boolean {
  return portsOf(rule)?.some(({ port }) => holds(port, wanted)) ?? true;
}

/** Cilium's groups of peers that a rule names. */
export function entitiesOf(rule: JsonMap, field: 'toEntities' | 'fromEntities'): string[] {
  return listOf(rule[field]).filter((entity) => typeof entity === 'string');
}

function labelsOf(selector: Json | undefined): Record<string, Json | undefined> {
  const labels = valueAt(selector, 'matchLabels');
  return Object.fromEntries(Object.entries(isMap(labels) ? labels : {}).map(([key, value]) => [bare(key), value]));
}

const dnsPort = 53;
const apiPort = 6443;

/** Whether a rule lets pods ask the cluster's DNS. */
export function reachesDns({ rule }: Rule): boolean {
  if (!allowsPort(rule, dnsPort)) return false;
  if (entitiesOf(rule, 'toEntities').some((entity) => entity === 'cluster' || entity === 'all')) return true;
  const pods = listOf(rule['toEndpoints']).map(labelsOf);
  if (
    pods.some((labels) => labels['k8s-app'] === 'kube-dns' || labels['io.kubernetes.pod.namespace'] === 'kube-system')
  )
    return true;
  if (listOf(rule['toServices']).some((service) => valueAt(service, 'k8sService', 'serviceName') === 'kube-dns'))
    return true;
  return listOf(rule['to']).some((peer) => {
    const namespaces = valueAt(peer, 'namespaceSelector');
    if (namespaces === undefined) return false;
    const named = labelsOf(namespaces)['kubernetes.io/metadata.name'];
    return named === undefined || named === 'kube-system';
  });
}

/** Whether a rule is about the Kubernetes API; that it names the wrong port is a finding of its own. */
export function reachesApi({ rule }: Rule): boolean {
  if (entitiesOf(rule, 'toEntities').some((entity) => entity === 'kube-apiserver' || entity === 'all')) return true;
  // Control planes are machines, not pods: otherwise only an address names them.
  const byAddress =
    listOf(rule['to']).some((peer) => valueAt(peer, 'ipBlock') !== undefined) || rule['toCIDR'] !== undefined;
  return byAddress && allowsPort(rule, apiPort);
}
