import { type Json, describeObject, groupOf, isMap, specOf, textOf, valueAt } from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import type { TreeCluster, TreeObject } from '../tree';
import type { Check, RawFinding } from './check';
import { chartRepositories, isSource, releases } from './facts/charts';
import { fluxInstances, fluxSyncs } from './facts/fluxInstance';
import { findingAt } from './finding';
import { describeTarget, referenceRule } from './references';

/** How precisely a version is pinned. */
type Precision = 'exact' | 'range' | 'none';

/** How precisely a chart version is pinned. In an OCI tag, `_` stands for the `+` of a version. */
export function precisionOf(version: Json | undefined): Precision {
  if (typeof version !== 'string' || /^\s*([*x]|latest|>=?\s*0(\.0)*(-0)?)?\s*$/i.test(version)) return 'none';
  return /^v?\d+\.\d+\.\d+(-[\w.-]+)?([+_][\w.-]+)?$/.test(version.trim()) ? 'exact' : 'range';
}

interface Pin {
  object: TreeObject;
  path: ObjectPath;
  precision: Precision;
  shown: string;
}

/** The version of each chart of a cluster, at the field that sets it or should. */
function* chartPins(cluster: TreeCluster): Generator<Pin> {
  for (const object of chartRepositories(cluster).keys()) yield ociPin(object);
  for (const { release, chart } of releases(cluster)) {
    if (chart.by !== 'chart' || chart.source.kind !== 'HelmRepository') continue;
    const version = valueAt(specOf(release.object), 'chart', 'spec', 'version');
    const path = ['spec', 'chart', 'spec', ...(version === undefined ? [] : ['version'])];
    yield { object: release, path, precision: precisionOf(version), shown: showVersion(version) };
  }
}

function ociPin(object: TreeObject): Pin {
  const ref = specOf(object.object)['ref'];
  const field = ['digest', 'semver', 'tag'].find((name) => valueAt(ref, name) !== undefined);
  const value = field === undefined ? undefined : valueAt(ref, field);
  const path = ['spec', ...(isMap(ref) ? ['ref'] : []), ...(field === undefined ? [] : [field])];
  const precision = field === 'digest' ? 'exact' : precisionOf(value);
  return { object, path, precision, shown: showVersion(value) };
}

function showVersion(version: Json | undefined): string {
  return version === undefined ? 'no version' : JSON.stringify(version);
}

/** Whether the version depends on a variable without a value, which is reported separately. */
function isUnknown({ shown }: Pin): boolean {
  return shown === '""' || shown.includes('${');
}

const pinChart = 'set one exact version, such as 1.2.3';

/** A chart that always uses the newest version. */
export const chartUnpinned: Check = {
  id: 'chart-unpinned',
  severity: 'error',
  set: 'general',
  why: 'Whatever is published next gets installed without a change in Git, and there is no version to roll back to.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const pin of chartPins(cluster)) {
        if (pin.precision !== 'none' || isUnknown(pin)) continue;
        const what = `sets ${pin.shown} for its chart, so it follows the newest one`;
        yield findingAt(tree, cluster, pin.object, pin.path, what, pinChart);
      }
    }
  },
};

/** A chart that follows a version range. */
export const chartVersionRange: Check = {
  id: 'chart-version-range',
  severity: 'warning',
  set: 'general',
  why: 'A range installs new versions without a change in Git.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const pin of chartPins(cluster)) {
        if (pin.precision !== 'range' || isUnknown(pin)) continue;
        const what = `sets the version range ${pin.shown} for its chart instead of an exact version`;
        yield findingAt(tree, cluster, pin.object, pin.path, what, pinChart);
      }
    }
  },
};

/** Whether a GitRepository is the repository and branch that FluxInstance follows, once more in another namespace. */
function followsThisRepository(cluster: TreeCluster, { object }: TreeObject): boolean {
  const { url, ref } = specOf(object);
  const branch = textOf(valueAt(ref, 'branch'));
  return fluxInstances(cluster).some(({ spec }) => {
    const { sync } = spec;
    return valueAt(sync, 'url') === url && valueAt(sync, 'ref') === `refs/heads/${branch}`;
  });
}

/** A third-party Git repository that is followed rather than pinned. */
export const gitSourceUnpinned: Check = {
  id: 'git-source-unpinned',
  severity: 'error',
  set: 'platform',
  why: 'Third-party manifests are applied with the rights of the platform; a branch or a range can change without a commit here.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      // Sources that FluxInstance creates are reported by flux-owned-twice.
      const own = new Set(fluxSyncs(cluster).map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`));
      for (const object of cluster.objects) {
        if (!isSource(object.object, 'GitRepository') || own.has(describeObject(object.object))) continue;
        const ref = specOf(object.object)['ref'];
        if (followsThisRepository(cluster, object)) continue;
        const pinned = valueAt(ref, 'commit') !== undefined || typeof valueAt(ref, 'tag') === 'string';
        const floating = ['semver', 'branch', 'name'].find((field) => valueAt(ref, field) !== undefined);
        if (pinned && floating !== 'semver' && floating !== 'name') continue;
        const path = ['spec', ...(isMap(ref) ? ['ref'] : []), ...(floating === undefined ? [] : [floating])];
        const followed = floating === undefined ? 'the default branch' : `spec.ref.${floating}`;
        const what = `follows ${followed} instead of a tag or a commit`;
        yield findingAt(tree, cluster, object, path, what, 'pin spec.ref.tag or spec.ref.commit');
      }
    }
  },
};

/** The fields in which Flux kinds refer to other Flux objects. */
const referenceFields: Readonly<Record<string, readonly ObjectPath[]>> = {
  Kustomization: [['spec', 'sourceRef']],
  HelmRelease: [
    ['spec', 'chartRef'],
    ['spec', 'chart', 'spec', 'sourceRef'],
  ],
  ImagePolicy: [['spec', 'imageRepositoryRef']],
  ImageUpdateAutomation: [['spec', 'sourceRef']],
  Alert: [['spec', 'eventSources']],
  Receiver: [['spec', 'resources']],
};

/** The references of an object that set a namespace. */
function* referencedNamespaces({ object }: TreeObject): Generator<{ path: ObjectPath; namespace: string }> {
  if (!/(^|\.)toolkit\.fluxcd\.io$/.test(groupOf(object))) return;
  for (const field of referenceFields[object.kind] ?? []) {
    const value = valueAt(object, ...field.map(String));
    const entries: [ObjectPath, Json | undefined][] = Array.isArray(value)
      ? value.map((entry, index) => [[...field, index], entry])
      : [[field, value]];
    for (const [path, entry] of entries) {
      const namespace = valueAt(entry, 'namespace');
      if (typeof namespace === 'string') yield { path: [...path, 'namespace'], namespace };
    }
  }
}

/** A Flux reference to another namespace. */
export const crossNamespaceReference: Check = {
  id: 'cross-namespace-reference',
  severity: 'error',
  set: 'platform',
  why: 'Our Flux runs with multi-tenancy lockdown: it refuses references to other namespaces.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const object of cluster.objects) {
        for (const { path, namespace } of referencedNamespaces(object)) {
          if (namespace === object.object.metadata.namespace) continue;
          const what = `refers to namespace ${namespace} from namespace ${object.object.metadata.namespace ?? '(none)'}`;
          const todo = 'put both in one namespace, and remove the namespace from the reference';
          yield findingAt(tree, cluster, object, path, what, todo);
        }
      }
    }
  },
};

/** A Flux Kustomization whose source does not exist. */
export const kustomizationSourceMissing: Check = referenceRule(
  {
    id: 'kustomization-source-missing',
    severity: 'error',
    set: 'platform',
    why: 'A Kustomization without its source applies nothing.',
  },
  ({ cluster, reference }) => {
    // Another namespace is reported by cross-namespace-reference.
    if (reference.namespace !== reference.object.object.metadata.namespace) return undefined;
    const synced = fluxSyncs(cluster).map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
    return {
      what: `takes its manifests from ${describeTarget(reference)}, which nothing creates`,
      todo: `correct the name${[...new Set(synced)].map((source) => `; ${source} is this repository`).join('')}`,
    };
  },
);
