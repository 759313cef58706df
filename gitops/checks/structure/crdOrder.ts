import { builtInGroups, fluxComponents } from '../../crdOwners';
import { type Json, groupOf, isMap } from '../../kubernetesObject';
import { type TreeCluster, type TreeObject, isComplete } from '../../tree';
import { type Path, about } from '../about';
import type { Check, RawFinding } from '../check';
import { type Bringer, bringersOf } from '../ownership/crdOwners';
import { fluxComponentsOf } from '../ownership/fluxInstance';
import { isHelmRelease, valuesOf } from '../sources/charts';
import { readyBefore } from './dependencies';

/** A use of an API group that is not Kubernetes' own. */
interface Use {
  object: TreeObject;
  group: string;
  path: Path;
  /** Completes "uses …". */
  what: string;
}

/** Whether a group is there without anybody's CustomResourceDefinition. */
function isThere(group: string): boolean {
  // A Flux Kustomization is proof that Flux is there; the groups of its optional controllers are looked at elsewhere.
  return (
    !group.includes('.') ||
    builtInGroups.has(group) ||
    group in fluxComponents ||
    /(^|\.)toolkit\.fluxcd\.io$/.test(group)
  );
}

/** What a cluster uses: each group once a Kustomization, at its first object. */
function* uses(cluster: TreeCluster): Generator<Use> {
  const seen = new Set<string>();
  for (const object of cluster.objects) {
    for (const use of usesOf(object)) {
      const key = `${object.kustomization} ${use.group}`;
      if (isThere(use.group) || seen.has(key)) continue;
      seen.add(key);
      yield { object, ...use };
    }
  }
}

function* usesOf({ object }: TreeObject): Generator<Omit<Use, 'object'>> {
  const group = groupOf(object);
  yield { group, path: [], what: `${object.kind}.${group}` };
  const monitor = isHelmRelease(object) ? monitorSwitch(valuesOf(object), ['spec', 'values']) : undefined;
  if (monitor !== undefined) {
    yield { group: 'monitoring.coreos.com', path: monitor, what: `monitoring.coreos.com through ${monitor.join('.')}` };
  }
}

/** Where values make a chart render a ServiceMonitor or its like. */
function monitorSwitch(value: Json | undefined, path: readonly string[]): readonly string[] | undefined {
  if (!isMap(value)) return undefined;
  for (const [key, part] of Object.entries(value)) {
    const below = [...path, key];
    if (/^((service|pod)?monitors?|prometheusrules?)$/i.test(key) && isMap(part)) {
      const on = ['enabled', 'create'].find((field) => part[field] === true);
      if (on !== undefined) return [...below, on];
    }
    const inside = monitorSwitch(part, below);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

/** Something that is applied before the definition of its kind. */
export const crdBeforeOwner: Check = {
  id: 'crd-before-owner',
  severity: 'error',
  set: 'platform',
  why: 'On a fresh cluster an object whose kind is not known yet fails to apply.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      if (!isComplete(cluster)) continue;
      const bringers = bringersOf(cluster);
      for (const { object, group, path, what } of uses(cluster)) {
        const owners = bringers.get(group) ?? [];
        if (owners.length === 0 || comesFirst(cluster, object, owners)) continue;
        const [owner] = owners;
        const own = object.kustomization;
        const same = owners.some(({ kustomization }) => kustomization === own);
        const how = same
          ? `is in the same Kustomization as ${nameOf(owner)}, which brings it only once it is ready`
          : `its Kustomization ${own} does not depend on ${owner?.kustomization ?? ''}, which brings it`;
        const todo = same
          ? 'move it to a Kustomization of its own that depends on this one'
          : `add ${owner?.kustomization ?? ''} to the dependsOn of ${own}`;
        yield about(tree, cluster, object, path, `uses ${what}, and ${how}`, todo);
      }
    }
  },
};

function nameOf(owner: Bringer | undefined): string {
  return owner === undefined ? '' : `${owner.by.object.kind} ${owner.by.object.metadata.name}`;
}

/** Whether the definitions are there when an object is applied; a chart's own objects wait for nothing in their chart. */
function comesFirst(cluster: TreeCluster, object: TreeObject, owners: readonly Bringer[]): boolean {
  const ready = readyBefore(cluster, object.kustomization);
  return owners.some(
    ({ kustomization, by, atOnce }) =>
      ready.has(kustomization) || by === object || (atOnce && kustomization === object.kustomization),
  );
}

/** Something whose definition nothing on the cluster brings. */
export const crdWithoutOwner: Check = {
  id: 'crd-without-owner',
  severity: 'error',
  set: 'platform',
  why: 'An object whose kind is never defined is never applied.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      if (!isComplete(cluster)) continue;
      const bringers = bringersOf(cluster);
      for (const { object, group, path, what } of uses(cluster)) {
        if (bringers.has(group)) continue;
        const todo = `install what brings ${group}, or remove it; a chart that brings it belongs in gitops/crdOwners.ts`;
        yield about(tree, cluster, object, path, `uses ${what}, which nothing on this cluster brings`, todo);
      }
      yield* withoutController(tree, cluster);
    }
  },
};

function* withoutController(tree: Parameters<Check['run']>[0], cluster: TreeCluster): Generator<RawFinding> {
  const running = fluxComponentsOf(cluster);
  if (running.size === 0) return;
  const seen = new Set<string>();
  for (const object of cluster.objects) {
    const group = groupOf(object.object);
    const key = `${object.kustomization} ${group}`;
    const missing = (fluxComponents[group] ?? []).filter((component) => !running.has(component));
    if (missing.length === 0 || seen.has(key)) continue;
    seen.add(key);
    const what = `uses ${object.object.kind}.${group}, and FluxInstance does not run ${missing.join(' and ')}`;
    yield about(tree, cluster, object, [], what, `add ${missing.join(' and ')} to the components of FluxInstance`);
  }
}
