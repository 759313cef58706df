import { type Json, groupOf, isMap, specOf } from '../../kubernetesObject';
import type { Tree, TreeCluster, TreeObject } from '../../tree';
import { isHelmRelease, releases } from '../sources/charts';
import { podsOf } from '../workloads/pods';

/** A namespace with an object of its own. */
export interface DeclaredNamespace {
  name: string;
  declared: TreeObject;
}

/** Whether a namespace belongs to the platform: the program makes it, or it stands among the infrastructure. */
function isPlatforms(tree: Tree, { object, file }: TreeObject): boolean {
  return tree.program?.namespaces.includes(object.metadata.name) === true || file.split('/').includes('infrastructure');
}

/** The namespaces of applications: all that Git declares, but for the platform's own. */
export function applicationNamespaces(tree: Tree, cluster: TreeCluster): DeclaredNamespace[] {
  return cluster.objects.flatMap((declared) => {
    const { object } = declared;
    const counts = object.kind === 'Namespace' && groupOf(object) === '' && !isPlatforms(tree, declared);
    return counts ? [{ name: object.metadata.name, declared }] : [];
  });
}

/** The platform's namespaces in which Git runs something, each with where to say so: itself, or the first that runs there. */
export function platformNamespaces(tree: Tree, cluster: TreeCluster): DeclaredNamespace[] {
  const applications = new Set(applicationNamespaces(tree, cluster).map(({ name }) => name));
  const charts = new Map([...releases(cluster)].map(({ release, chart }) => [release, chart.name]));
  const found = new Map<string, TreeObject>();
  for (const one of cluster.objects) {
    const { object } = one;
    // A chart of definitions runs nothing.
    const runs = podsOf(object) !== undefined || (isHelmRelease(object) && !charts.get(one)?.endsWith('-crds'));
    const target = isHelmRelease(object) ? specOf(object)['targetNamespace'] : undefined;
    const namespace = typeof target === 'string' ? target : object.metadata.namespace;
    if (!runs || namespace === undefined || applications.has(namespace) || found.has(namespace)) continue;
    found.set(namespace, one);
  }
  return [...found].flatMap(([name, first]) => {
    const declared = cluster.objects.find(
      ({ object }) => object.kind === 'Namespace' && groupOf(object) === '' && object.metadata.name === name,
    );
    // One that is not there is a finding of its own.
    if (declared === undefined && !/^(default|kube-.+)$/.test(name)) return [];
    return [{ name, declared: declared ?? first }];
  });
}

/** Whether a chart is told to make network policies. */
export function makesPolicies(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some(makesPolicies);
  if (!isMap(value)) return false;
  return Object.entries(value).some(([key, item]) => {
    if (!/^(cilium)?networkPolic(y|ies)$/i.test(key)) return makesPolicies(item);
    return item === true || (isMap(item) && (item['enabled'] === true || item['create'] === true));
  });
}
