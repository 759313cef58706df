import { groupOf, isMap, valueAt } from '../../kubernetesObject';
import { type TreeCluster, isComplete } from '../../tree';
import { about, eachObject } from '../about';
import type { Check, RawFinding } from '../check';
import { builtInGroups } from '../../crdOwners';

const names: Readonly<Record<string, string>> = {
  'io.cilium/global-service': 'service.cilium.io/global',
  'io.cilium/shared-service': 'service.cilium.io/shared',
  'io.cilium/service-affinity': 'service.cilium.io/affinity',
};

/** A Service that says by an old name that it is global. */
export const serviceAnnotationOld: Check = {
  id: 'service-annotation-old',
  severity: 'warning',
  set: 'platform',
  why: 'Cilium knows these names only for the sake of old manifests.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, one] of eachObject(tree)) {
      const annotations = valueAt(one.object.metadata, 'annotations');
      if (one.object.kind !== 'Service' || !isMap(annotations)) continue;
      for (const [old, name] of Object.entries(names)) {
        if (annotations[old] === undefined) continue;
        const path = ['metadata', 'annotations', old];
        yield about(tree, cluster, one, path, `has the annotation ${old}`, `call it ${name}`);
      }
    }
  },
};

/** Whether something in a namespace may make Services that Git does not show: a chart, or an operator. */
function mayMakeServices({ objects }: TreeCluster, namespace: string): boolean {
  return objects.some(({ object }) => {
    const own = groupOf(object);
    const builtIn = !own.includes('.') || builtInGroups.has(own);
    const policy = own === 'cilium.io' || own === 'external-secrets.io' || own === 'monitoring.coreos.com';
    return object.metadata.namespace === namespace && !builtIn && !policy && !own.startsWith('source.');
  });
}

/** A global Service that only one cluster has. */
export const globalServiceAlone: Check = {
  id: 'global-service-alone',
  severity: 'error',
  set: 'platform',
  why: 'Only a cluster that has a Service of the same name and namespace finds its pods on other clusters.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, one] of eachObject(tree)) {
      const { object } = one;
      const { name, namespace = '' } = object.metadata;
      if (object.kind !== 'Service' || groupOf(object) !== '') continue;
      if (valueAt(object.metadata, 'annotations', 'service.cilium.io/global') !== 'true') continue;
      const lacking = tree.clusters.filter(
        (other) =>
          other !== cluster &&
          isComplete(other) &&
          !mayMakeServices(other, namespace) &&
          !other.objects.some(
            (there) =>
              there.object.kind === 'Service' &&
              there.object.metadata.name === name &&
              there.object.metadata.namespace === namespace,
          ),
      );
      if (lacking.length === 0) continue;
      const what = `is global, and ${lacking.map((other) => other.name).join(', ')} has no Service ${namespace}/${name}`;
      const path = ['metadata', 'annotations', 'service.cilium.io/global'];
      yield about(tree, cluster, one, path, what, 'declare it there too, or remove the annotation');
    }
  },
};
