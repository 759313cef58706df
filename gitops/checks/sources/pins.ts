import { type Json, describeObject, isMap, specOf, valueAt } from '../../kubernetesObject';
import type { TreeCluster, TreeObject } from '../../tree';
import { type Path, about } from '../about';
import type { Check, RawFinding } from '../check';
import { fluxSyncs } from '../ownership/fluxInstance';
import { chartRepositories, isSource, releases } from './charts';

/** How firmly a version is named. */
type Firmness = 'exact' | 'range' | 'none';

/** Judges a version of a chart. An OCI tag writes the `+` of a version as `_`. */
export function firmness(version: Json | undefined): Firmness {
  if (typeof version !== 'string' || /^\s*([*x]|latest|>=?\s*0(\.0)*(-0)?)?\s*$/i.test(version)) return 'none';
  return /^v?\d+\.\d+\.\d+(-[\w.-]+)?([+_][\w.-]+)?$/.test(version.trim()) ? 'exact' : 'range';
}

interface Pin {
  object: TreeObject;
  path: Path;
  firmness: Firmness;
  shown: string;
}

/** How each chart of a cluster is pinned, at the field that does or should. */
function* pins(cluster: TreeCluster): Generator<Pin> {
  for (const object of chartRepositories(cluster).keys()) yield ociPin(object);
  for (const { release, chart } of releases(cluster)) {
    if (chart.by !== 'chart' || chart.source.kind !== 'HelmRepository') continue;
    const version = valueAt(specOf(release.object), 'chart', 'spec', 'version');
    const path = ['spec', 'chart', 'spec', ...(version === undefined ? [] : ['version'])];
    yield { object: release, path, firmness: firmness(version), shown: show(version) };
  }
}

function ociPin(object: TreeObject): Pin {
  const ref = specOf(object.object)['ref'];
  const field = ['digest', 'semver', 'tag'].find((name) => valueAt(ref, name) !== undefined);
  const value = field === undefined ? undefined : valueAt(ref, field);
  const path = ['spec', ...(isMap(ref) ? ['ref'] : []), ...(field === undefined ? [] : [field])];
  const judged = field === 'digest' ? 'exact' : firmness(value);
  return { object, path, firmness: judged, shown: show(value) };
}

function show(version: Json | undefined): string {
  return version === undefined ? 'no version' : JSON.stringify(version);
}

const todo = 'name one exact version, such as 1.2.3';

/** A chart whose newest version is taken, whatever it is. */
export const chartUnpinned: Check = {
  id: 'chart-unpinned',
  severity: 'error',
  set: 'general',
  why: 'Whatever the registry holds next is installed without a change in Git, and nothing can be rolled back to.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const pin of pins(cluster)) {
        if (pin.firmness !== 'none' || isUnknown(pin)) continue;
        yield about(tree, cluster, pin.object, pin.path, `takes its chart with ${pin.shown}: the newest`, todo);
      }
    }
  },
};

/** A chart that moves within a range. */
export const chartVersionRange: Check = {
  id: 'chart-version-range',
  severity: 'warning',
  set: 'general',
  why: 'A range installs new versions without a change in Git.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const pin of pins(cluster)) {
        if (pin.firmness !== 'range' || isUnknown(pin)) continue;
        yield about(tree, cluster, pin.object, pin.path, `takes its chart at ${pin.shown}, not at a version`, todo);
      }
    }
  },
};

/** Whether the version hangs on a variable that nothing gave a value: that is reported by itself. */
function isUnknown({ shown }: Pin): boolean {
  return shown === '""' || shown.includes('${');
}

/** Somebody else's repository that is followed, not pinned. */
export const gitSourceUnpinned: Check = {
  id: 'git-source-unpinned',
  severity: 'error',
  set: 'platform',
  why: 'Manifests of others are applied with the rights of the platform; a branch or a range changes without us.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      // Those that FluxInstance makes are a finding of their own.
      const own = new Set(fluxSyncs(cluster).map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`));
      for (const object of cluster.objects) {
        if (!isSource(object.object, 'GitRepository') || own.has(describeObject(object.object))) continue;
        const ref = specOf(object.object)['ref'];
        const pinned = valueAt(ref, 'commit') !== undefined || typeof valueAt(ref, 'tag') === 'string';
        const floating = ['semver', 'branch', 'name'].find((field) => valueAt(ref, field) !== undefined);
        if (pinned && floating !== 'semver' && floating !== 'name') continue;
        const path = ['spec', ...(isMap(ref) ? ['ref'] : []), ...(floating === undefined ? [] : [floating])];
        const what = `follows ${floating === undefined ? 'the default branch' : `a ${floating}`} of a repository`;
        yield about(tree, cluster, object, path, what, 'pin spec.ref.tag or spec.ref.commit');
      }
    }
  },
};
