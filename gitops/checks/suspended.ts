import {
  type Json,
  type KubernetesObject,
  describeObject,
  groupOf,
  isMap,
  listOf,
  specOf,
  valueAt,
} from '../kubernetesObject';
import type { TreeCluster, TreeObject } from '../tree';
import type { Check, LookedAt, RawFinding } from './check';
import { isHelmRelease } from './facts/charts';
import { indexOf } from './facts/clusterIndex';
import { dependsOn, isKustomization } from './facts/dependencies';
import { findingAt, show } from './finding';

const isSuspended = ({ object }: TreeObject): boolean =>
  specOf(object)['suspend'] === true && (isKustomization(object) || isHelmRelease(object));

/** The source of a Kustomization, as text to compare. */
function sourceOf(object: KubernetesObject): string {
  const reference = specOf(object)['sourceRef'];
  const text = (key: string): string => show(valueAt(reference, key) ?? '');
  return [text('kind'), text('namespace') || (object.metadata.namespace ?? ''), text('name')].join(' ');
}

/**
 * What a dependant waits for. Both controllers ask for Ready=True of the current generation, which an object that was
 * suspended before its first reconciliation never gets. A Kustomization of the same source must also have applied the
 * dependant's revision. Sources: checkDependencies in kustomize-controller 1.7.2 (kustomization_controller.go) and
 * helm-controller 1.4.3 (helmrelease_controller.go).
 */
function consequence(dependant: KubernetesObject, dependency: KubernetesObject): string {
  if (isHelmRelease(dependant)) return 'on a cluster that does not have that release yet, this one is never installed';
  if (sourceOf(dependant) === sourceOf(dependency)) return 'no later commit is applied';
  return 'on a cluster where it was never ready, nothing is applied';
}

/** Something that waits for what Git suspends. */
export const dependsOnSuspended: Check = {
  id: 'depends-on-suspended',
  severity: 'warning',
  set: 'general',
  why: 'Flux applies nothing of an object while a dependency is not ready, and a suspended one does not become ready.',
  *run(tree): Generator<RawFinding | LookedAt> {
    for (const cluster of tree.clusters) {
      for (const dependant of cluster.objects) {
        const { object } = dependant;
        if (!(isKustomization(object) || isHelmRelease(object)) || isSuspended(dependant)) continue;
        const entries = listOf(specOf(object)['dependsOn']);
        for (const { id, index } of dependsOn(object)) {
          yield { places: 1 };
          // An expression of its own decides instead.
          if (valueAt(entries[index], 'readyExpr') !== undefined) continue;
          const [namespace = '', name = ''] = id.split('/');
          const candidates = indexOf(cluster).objects(object.kind, namespace, name);
          const dependency = candidates.find((other) => groupOf(other.object) === groupOf(object));
          if (dependency === undefined || !isSuspended(dependency)) continue;
          const what = `depends on ${object.kind} ${id}, which is suspended: ${consequence(object, dependency.object)}`;
          const todo = 'resume it, suspend this one as well, or remove the dependency';
          yield findingAt(tree, cluster, dependant, ['spec', 'dependsOn', index, 'name'], what, todo);
        }
      }
    }
  },
};

/** Whether a Kustomization waits for an object that it applies. */
function waitsFor(cluster: TreeCluster, { object, kustomization }: TreeObject): KubernetesObject | undefined {
  const owner = indexOf(cluster).kustomizations.get(kustomization);
  if (owner === undefined) return undefined;
  const spec = specOf(owner.object);
  const isListed = (check: Json): boolean =>
    isMap(check) &&
    check['kind'] === object.kind &&
    check['name'] === object.metadata.name &&
    (check['namespace'] ?? owner.namespace) === object.metadata.namespace;
  return spec['wait'] === true || listOf(spec['healthChecks']).some(isListed) ? owner.object : undefined;
}

/**
 * A suspended object in a Kustomization that waits for it. What happens on a new cluster differs: helm-controller 1.4.3
 * records the generation as observed before it returns, and without conditions kstatus calls the release current;
 * kustomize-controller 1.7.2 records it only with Ready=True (finalizeStatus), and -1, the CRD's default, is never current.
 */
export const suspendedUnderWait: Check = {
  id: 'suspended-under-wait',
  severity: 'warning',
  set: 'general',
  why: 'The health that the Kustomization reports is not that of what it applies.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const suspended of cluster.objects) {
        if (!isSuspended(suspended)) continue;
        const owner = waitsFor(cluster, suspended);
        if (owner === undefined) continue;
        const outcome = isHelmRelease(suspended.object)
          ? 'is ready without it, and so starts what depends on it'
          : 'is never ready on a cluster where this one never was';
        const what = `is suspended, but ${describeObject(owner)} waits for it: that one ${outcome}`;
        const todo = 'resume it, or take it out of what is waited for';
        yield findingAt(tree, cluster, suspended, ['spec', 'suspend'], what, todo);
      }
    }
  },
};
