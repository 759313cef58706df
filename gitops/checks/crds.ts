import { builtInGroups, fluxComponents } from '../crdOwners';
import { type Json, groupOf, isMap, specOf, valueAt } from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import { type Tree, type TreeCluster, type TreeObject } from '../tree';
import type { Check, RawFinding } from './check';
import { isHelmRelease, valuesOf } from './facts/charts';
import { type CrdProvider, crdProvidersOf } from './facts/crdProviders';
import { declaredKustomizations, readyBefore } from './facts/dependencies';
import { fluxComponentsOf, fluxInstances } from './facts/fluxInstance';
import { eachObject, findingAt } from './finding';

/** A use of an API group that is not built into Kubernetes. */
interface ApiUse {
  object: TreeObject;
  group: string;
  path: ObjectPath;
  /** Completes "uses …". */
  what: string;
}

/** Whether a group exists without any CRD in the tree. */
function isBuiltIn(group: string): boolean {
  // A Flux Kustomization implies Flux; the groups of its optional controllers are checked by withoutController.
  return (
    !group.includes('.') ||
    builtInGroups.has(group) ||
    group in fluxComponents ||
    /(^|\.)toolkit\.fluxcd\.io$/.test(group)
  );
}

/** The API groups that a cluster uses: each once per Kustomization, at its first object. */
function* apiUses(cluster: TreeCluster): Generator<ApiUse> {
  const seen = new Set<string>();
  for (const object of cluster.objects) {
    for (const use of usesOf(object)) {
      const key = `${object.kustomization} ${use.group}`;
      if (isBuiltIn(use.group) || seen.has(key)) continue;
      seen.add(key);
      yield { object, ...use };
    }
  }
}

function* usesOf({ object }: TreeObject): Generator<Omit<ApiUse, 'object'>> {
  const group = groupOf(object);
  yield { group, path: [], what: `${object.kind}.${group}` };
  const monitor = isHelmRelease(object) ? monitorSwitch(valuesOf(object), ['spec', 'values']) : undefined;
  if (monitor !== undefined) {
    yield { group: 'monitoring.coreos.com', path: monitor, what: `monitoring.coreos.com through ${monitor.join('.')}` };
  }
}

/** The path of a value that makes a chart render a ServiceMonitor or similar. */
function monitorSwitch(value: Json | undefined, path: readonly string[]): readonly string[] | undefined {
  if (!isMap(value)) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const below = [...path, key];
    if (/^((service|pod)?monitors?|prometheusrules?)$/i.test(key) && isMap(item)) {
      const on = ['enabled', 'create'].find((field) => item[field] === true);
      if (on !== undefined) return [...below, on];
    }
    const inside = monitorSwitch(item, below);
    if (inside !== undefined) return inside;
  }
  return undefined;
}

/** An object that is applied before the CRD of its kind. */
export const crdBeforeOwner: Check = {
  id: 'crd-before-owner',
  severity: 'error',
  set: 'platform',
  why: 'On a new cluster, an object whose CRD does not exist yet fails to apply.',
  needs: 'wholeCluster',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const providers = crdProvidersOf(cluster);
      for (const { object, group, path, what } of apiUses(cluster)) {
        const owners = providers.get(group) ?? [];
        if (owners.length === 0 || existsBefore(cluster, object, owners)) continue;
        const [owner] = owners;
        const own = object.kustomization;
        const same = owners.some(({ kustomization }) => kustomization === own);
        const problem = same
          ? `is in the same Kustomization as ${shortName(owner)}, which installs its CRD only once it is ready`
          : `its Kustomization ${own} does not depend on ${owner?.kustomization ?? ''}, which installs the CRD`;
        const todo = same
          ? 'move it to its own Kustomization, and make that depend on this one'
          : `add ${owner?.kustomization ?? ''} to the dependsOn of ${own}`;
        yield findingAt(tree, cluster, object, path, `uses ${what}, but ${problem}`, todo);
      }
    }
  },
};

function shortName(provider: CrdProvider | undefined): string {
  return provider === undefined ? '' : `${provider.by.object.kind} ${provider.by.object.metadata.name}`;
}

/** Whether the CRDs exist when an object is applied; the objects of a chart need not wait for that chart's own CRDs. */
function existsBefore(cluster: TreeCluster, object: TreeObject, providers: readonly CrdProvider[]): boolean {
  const ready = readyBefore(cluster, object.kustomization);
  return providers.some(
    ({ kustomization, by, immediate }) =>
      ready.has(kustomization) || by === object || (immediate && kustomization === object.kustomization),
  );
}

/** An object whose CRD nothing on the cluster installs. */
export const crdWithoutOwner: Check = {
  id: 'crd-without-owner',
  severity: 'error',
  set: 'platform',
  why: 'An object without a CRD is never applied.',
  needs: 'wholeCluster',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const providers = crdProvidersOf(cluster);
      for (const { object, group, path, what } of apiUses(cluster)) {
        if (providers.has(group)) continue;
        const todo = `install the CRDs of ${group}, or remove the object; a chart that installs them needs a row in gitops/crdOwners.ts`;
        yield findingAt(tree, cluster, object, path, `uses ${what}, which nothing on this cluster installs`, todo);
      }
      yield* withoutController(tree, cluster);
    }
  },
};

/** Objects of optional Flux controllers that the FluxInstance does not run. */
function* withoutController(tree: Tree, cluster: TreeCluster): Generator<RawFinding> {
  const running = fluxComponentsOf(cluster);
  if (running.size === 0) return;
  const seen = new Set<string>();
  for (const object of cluster.objects) {
    const group = groupOf(object.object);
    const key = `${object.kustomization} ${group}`;
    const missing = (fluxComponents[group] ?? []).filter((component) => !running.has(component));
    if (missing.length === 0 || seen.has(key)) continue;
    seen.add(key);
    const what = `uses ${object.object.kind}.${group}, but FluxInstance does not run ${missing.join(' and ')}`;
    const todo = `add ${missing.join(' and ')} to the components of FluxInstance`;
    yield findingAt(tree, cluster, object, [], what, todo);
  }
}

/** CRDs that two objects install. */
export const crdOwnedTwice: Check = {
  id: 'crd-owned-twice',
  severity: 'error',
  set: 'platform',
  why: 'Two owners overwrite the CRD with different versions, and removing one deletes all objects of the kind.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const seen = new Set<TreeObject>();
      for (const [group, providers] of [...crdProvidersOf(cluster)].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const [first, ...others] = providers;
        for (const { by } of others) {
          if (first === undefined || by === first.by || seen.has(by)) continue;
          seen.add(by);
          const what = `installs the CRDs of ${group}, which ${fullName(first)} also installs`;
          yield findingAt(tree, cluster, by, [], what, 'disable the CRDs in one of the two');
        }
      }
    }
  },
};

function fullName({ by }: CrdProvider): string {
  return `${by.object.kind} ${by.object.metadata.namespace ?? ''}/${by.object.metadata.name}`.replace(' /', ' ');
}

/** A Kustomization whose removal deletes CRDs or the network. */
export const crdPrunable: Check = {
  id: 'crd-prunable',
  severity: 'error',
  set: 'platform',
  why: 'Pruning a CRD deletes every object of its kind, and pruning Cilium cuts off the network.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const providers = [...crdProvidersOf(cluster).values()].flat();
      const instances = fluxInstances(cluster);
      for (const [kustomization, object] of declaredKustomizations(cluster)) {
        const provider = providers.find((candidate) => candidate.kustomization === kustomization.id);
        const source = provider === undefined ? fluxCrds(instances, kustomization.id) : fullName(provider);
        if (source === undefined) continue;
        const spec = specOf(kustomization.object);
        const policy = spec['deletionPolicy'];
        const deletes = policy === 'Delete' || policy === 'WaitForTermination';
        if (spec['prune'] !== true && !deletes) continue;
        const field = deletes ? 'deletionPolicy' : 'prune';
        const what = `installs CRDs (${source}) and has spec.${field}: ${JSON.stringify(spec[field])}`;
        const todo = deletes
          ? 'remove spec.deletionPolicy'
          : "set spec.prune to false with the label that the cluster's defaults select by";
        yield findingAt(tree, cluster, object, ['spec', field], what, todo);
      }
    }
  },
};

/** The FluxInstance in a Kustomization: it installs the CRDs of Flux itself. */
function fluxCrds(instances: ReturnType<typeof fluxInstances>, id: string): string | undefined {
  const instance = instances.find(({ from }) => from.kustomization === id);
  return instance === undefined ? undefined : `those of Flux, through ${instance.from.object.metadata.name}`;
}

const shownPolicy = (policy: Json | undefined): string => (policy === undefined ? 'not set' : JSON.stringify(policy));

/**
 * A release that would not keep its CRDs at its chart's version. They are installed before the release, from the same
 * chart, so only CreateReplace updates them. Skip on both actions means that the release leaves CRDs alone.
 */
export const releaseCrdsPolicy: Check = {
  id: 'release-crds-policy',
  severity: 'error',
  set: 'platform',
  why: 'The CRDs are installed before the release: a newer chart would run with the old ones.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, release] of eachObject(tree)) {
      if (!isHelmRelease(release.object)) continue;
      const spec = specOf(release.object);
      const install = valueAt(spec, 'install', 'crds');
      const upgrade = valueAt(spec, 'upgrade', 'crds');
      if (install === upgrade && (install === 'CreateReplace' || install === 'Skip')) continue;
      const wrong = upgrade === 'CreateReplace' ? 'install' : 'upgrade';
      const what = `has install.crds ${shownPolicy(install)} and upgrade.crds ${shownPolicy(upgrade)}`;
      const todo = 'set both to CreateReplace, or both to Skip if the CRDs are not wanted';
      yield findingAt(tree, cluster, release, ['spec', wrong, 'crds'], what, todo);
    }
  },
};
