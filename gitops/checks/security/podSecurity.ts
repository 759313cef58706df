import { groupOf, specOf, valueAt } from '../../kubernetesObject';
import type { TreeCluster } from '../../tree';
import { about } from '../about';
import type { Check, RawFinding } from '../check';
import { isHelmRelease } from '../sources/charts';
import { show } from '../show';

/** A level of Pod Security. */
export type PodSecurityLevel = 'privileged' | 'baseline' | 'restricted';

const levels: readonly unknown[] = ['privileged', 'baseline', 'restricted'];
const label = 'pod-security.kubernetes.io/enforce';

/** What Pod Security enforces in a namespace of a cluster. Talos enforces `baseline` where nothing is said, and nothing in kube-system. */
export function levelOf(cluster: TreeCluster, namespace: string | undefined): PodSecurityLevel {
  const found = cluster.objects.find(
    ({ object }) => object.kind === 'Namespace' && groupOf(object) === '' && object.metadata.name === namespace,
  );
  const level = valueAt(found?.object.metadata, 'labels', label);
  if (levels.includes(level)) return level as PodSecurityLevel;
  return namespace === 'kube-system' ? 'privileged' : 'baseline';
}

/** A namespace that does not say what its pods may do. */
export const namespaceWithoutPodSecurity: Check = {
  id: 'namespace-without-pod-security',
  severity: 'error',
  set: 'platform',
  why: 'What pods may do there is then left to the default of the machines.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const declared = new Set<unknown>();
      for (const one of cluster.objects) {
        const { object } = one;
        if (object.kind !== 'Namespace' || groupOf(object) !== '') continue;
        declared.add(object.metadata.name);
        const level = valueAt(object.metadata, 'labels', label);
        if (levels.includes(level)) continue;
        const path = ['metadata', ...(level === undefined ? [] : ['labels', label])];
        const what = level === undefined ? `has no label ${label}` : `has ${label}: ${JSON.stringify(level)}`;
        yield about(tree, cluster, one, path, what, `label it with ${label}: restricted, baseline or privileged`);
      }
      for (const one of cluster.objects) {
        const spec = specOf(one.object);
        if (!isHelmRelease(one.object) || valueAt(spec, 'install', 'createNamespace') !== true) continue;
        const name = spec['targetNamespace'] ?? one.object.metadata.namespace;
        if (declared.has(name)) continue;
        const what = `lets Helm make namespace ${show(name)}, without label ${label}`;
        const todo = 'declare the Namespace with its labels, and remove createNamespace';
        yield about(tree, cluster, one, ['spec', 'install', 'createNamespace'], what, todo);
      }
    }
  },
};
