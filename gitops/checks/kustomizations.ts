import { durationSeconds } from '../duration';
import { type Json, type KubernetesObject, groupOf, listOf, specOf, textOf, valueAt } from '../kubernetesObject';
import { entryOf, listIt } from '../systems';
import type { TreeCluster, TreeObject } from '../tree';
import type { Check, RawFinding } from './check';
import { isHelmRelease } from './facts/charts';
import { declaredKustomizations, dependsOn, findCycles, isKustomization } from './facts/dependencies';
import { findingAt } from './finding';
import { describeTarget, referenceRule } from './references';

// Fields that the CRD itself requires (interval, prune, sourceRef) are reported by the schema.
const requiredFields = [
  {
    id: 'kustomization-without-retry-interval',
    field: 'retryInterval',
    why: 'Without it, Flux retries a failed apply only after the full interval.',
  },
  {
    id: 'kustomization-without-timeout',
    field: 'timeout',
    why: 'Without it, health checks time out only after the interval, which is set for another purpose.',
  },
];

/** A Kustomization that leaves a field to the Flux default although this platform sets it. */
export const missingFields: Check[] = requiredFields.map(({ id, field, why }) => ({
  id,
  severity: 'error',
  set: 'platform',
  why,
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const [kustomization, object] of declaredKustomizations(cluster)) {
        if (specOf(kustomization.object)[field] !== undefined) continue;
        const todo = `set spec.${field}, or include the component with the cluster's defaults`;
        yield findingAt(tree, cluster, object, ['spec'], `has no spec.${field}`, todo);
      }
    }
  },
}));

function hasHealthChecks(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}

/** A Kustomization that is ready as soon as it is applied. */
export const kustomizationWithoutHealth: Check = {
  id: 'kustomization-without-health',
  severity: 'error',
  set: 'platform',
  why: 'Whatever depends on it starts before it works, and a failure goes unnoticed.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const [kustomization, object] of declaredKustomizations(cluster)) {
        const spec = specOf(kustomization.object);
        if (spec['wait'] === true || hasHealthChecks(spec['healthChecks'])) continue;
        const path = ['spec', ...(spec['wait'] === false ? ['wait'] : [])];
        const what = 'does not wait for health: neither spec.wait nor spec.healthChecks is set';
        yield findingAt(tree, cluster, object, path, what, 'set spec.wait to true, or list spec.healthChecks');
      }
    }
  },
};

/** Health checks that Flux ignores. */
export const waitWithHealthChecks: Check = {
  id: 'wait-with-health-checks',
  severity: 'warning',
  set: 'general',
  why: 'Flux ignores spec.healthChecks if spec.wait is true.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const [kustomization, object] of declaredKustomizations(cluster)) {
        const spec = specOf(kustomization.object);
        if (spec['wait'] !== true || !hasHealthChecks(spec['healthChecks'])) continue;
        const what = 'sets both spec.wait and spec.healthChecks, so the health checks have no effect';
        yield findingAt(tree, cluster, object, ['spec', 'healthChecks'], what, 'keep one of the two');
      }
    }
  },
};

/** Whether health checks name a HelmRelease. */
function listsRelease(healthChecks: Json | undefined, { metadata }: KubernetesObject): boolean {
  return listOf(healthChecks).some(
    (entry) =>
      valueAt(entry, 'kind') === 'HelmRelease' &&
      valueAt(entry, 'name') === metadata.name &&
      valueAt(entry, 'namespace') === metadata.namespace,
  );
}

/** A Kustomization that times out before its releases do. */
export const timeoutShorterThanRelease: Check = {
  id: 'timeout-shorter-than-release',
  severity: 'error',
  set: 'platform',
  why: 'The release reports what is wrong; a Kustomization that times out first only reports that it waited.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const [kustomization, object] of declaredKustomizations(cluster)) {
        const spec = specOf(kustomization.object);
        const own = durationSeconds(spec['timeout']);
        if (own === undefined) continue;
        for (const release of cluster.objects) {
          if (release.kustomization !== kustomization.id || !isHelmRelease(release.object)) continue;
          if (spec['wait'] !== true && !listsRelease(spec['healthChecks'], release.object)) continue;
          const timeout = specOf(release.object)['timeout'];
          const releaseTimeout = durationSeconds(timeout);
          if (releaseTimeout === undefined || releaseTimeout < own) continue;
          const what = `times out after ${textOf(spec['timeout'])}, its HelmRelease ${release.object.metadata.name} only after ${textOf(timeout)}`;
          const todo = 'give the Kustomization a longer timeout than its releases';
          yield findingAt(tree, cluster, object, ['spec', 'timeout'], what, todo);
        }
      }
    }
  },
};

/** Kinds with a `dependsOn` list of objects of the same kind. */
const dependentKinds: readonly { kind: string; group: string }[] = [
  { kind: 'Kustomization', group: 'kustomize.toolkit.fluxcd.io' },
  { kind: 'HelmRelease', group: 'helm.toolkit.fluxcd.io' },
];

const idOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

function objectsOf(cluster: TreeCluster, { kind, group }: { kind: string; group: string }): TreeObject[] {
  return cluster.objects.filter(({ object }) => object.kind === kind && groupOf(object) === group);
}

/** An object that waits forever for a dependency that does not exist. */
export const dependsOnNothing: Check = referenceRule(
  {
    id: 'depends-on-nothing',
    severity: 'error',
    set: 'general',
    why: 'Flux waits forever for a dependency that does not exist, and never applies the dependent object.',
  },
  ({ tree, cluster, reference }) => {
    const declared = reference.object.object.metadata;
    const list =
      tree.program !== undefined && isKustomization(reference.object.object)
        ? listIt(tree, reference.name, cluster.name, entryOf({ file: reference.object.file, name: declared.name }))
        : undefined;
    return {
      what: `depends on ${describeTarget(reference)}, which ${list === undefined ? 'does not exist on this cluster' : 'the cluster does not list'}`,
      todo: list ?? `correct the name, or declare ${reference.namespace ?? ''}/${reference.name}`,
    };
  },
);

/** Objects that wait for each other. */
export const dependencyCycle: Check = {
  id: 'dependency-cycle',
  severity: 'error',
  set: 'general',
  why: 'Objects that wait for each other are never applied.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const kind of dependentKinds) {
        const objects = objectsOf(cluster, kind);
        const byId = new Map(objects.map((object) => [idOf(object.object), object]));
        const graph = new Map(objects.map(({ object }) => [idOf(object), dependsOn(object).map(({ id }) => id)]));
        for (const cycle of findCycles(graph)) {
          const [first = '', second = first] = cycle;
          const object = byId.get(first);
          if (object === undefined) continue;
          const index = dependsOn(object.object).find(({ id }) => id === second)?.index ?? 0;
          const what = `depends on itself: ${[...cycle, first].join(' → ')}`;
          const path = ['spec', 'dependsOn', index, 'name'];
          yield findingAt(tree, cluster, object, path, what, 'remove one of these dependencies');
        }
      }
    }
  },
};
