import { posix } from 'node:path';
import { type KubernetesObject, groupOf, isMap, listOf, specOf, valueAt } from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import type { Tree, TreeCluster, TreeObject } from '../tree';
import type { Check, LookedAt, RawFinding, RawNotChecked } from './check';
import { isHelmRelease, isSource } from './facts/charts';
import { type FluxInstance, fluxInstances } from './facts/fluxInstance';
import { type SourceReference, isOwnRepository, sourceReference } from './facts/ownRepository';
import { eachObject, findingAt, notCheckedAt } from './finding';

/** A field that names a path in a source. */
interface NamedPath {
  at: ObjectPath;
  /** Relative to the root of the source. */
  path: string;
  source: SourceReference;
  /** The branch that is read, if the object says it itself. */
  branch?: string;
  /** The path must be a file. */
  file?: boolean;
  /** The controller reads the repository itself, not the artifact that .sourceignore makes smaller. */
  clones?: boolean;
}

/** Characters that make a part of a path a pattern for source-watcher. */
const pattern = /[*?[\]]/;

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** The paths in sources that an object names. A Kustomization's own path is checked where it is rendered. */
function* namedPaths(cluster: TreeCluster, from: TreeObject): Generator<NamedPath> {
  const { object } = from;
  const group = groupOf(object);
  for (const instance of fluxInstances(cluster)) if (instance.from === from) yield* syncedPath(instance);
  if (object.kind === 'ImageUpdateAutomation' && group === 'image.toolkit.fluxcd.io') yield* updatePath(object);
  else if (isHelmRelease(object)) {
    const chart = valueAt(specOf(object), 'chart', 'spec');
    if (isMap(chart)) yield* chartPaths(object, ['spec', 'chart', 'spec'], chart);
  } else if (isSource(object, 'HelmChart')) yield* chartPaths(object, ['spec'], specOf(object));
  else if (isSource(object, 'GitRepository')) yield* includedPaths(object);
  else if (object.kind === 'ArtifactGenerator' && group === 'source.extensions.fluxcd.io') yield* copiedPaths(object);
}

function* syncedPath({ from, namespace, spec }: FluxInstance): Generator<NamedPath> {
  const sync = spec['sync'];
  const path = text(valueAt(sync, 'path'));
  const source = sourceReference({ name: namespace, ...(isMap(sync) ? sync : {}) }, namespace, 'GitRepository');
  if (path === undefined || source?.kind !== 'GitRepository') return;
  const at = isHelmRelease(from.object) ? ['spec', 'values', 'instance'] : ['spec'];
  yield { at: [...at, 'sync', 'path'], path, source: { ...source, namespace } };
}

function* updatePath(object: KubernetesObject): Generator<NamedPath> {
  const spec = specOf(object);
  const source = sourceReference(spec['sourceRef'], object.metadata.namespace ?? '', 'GitRepository');
  const path = text(valueAt(spec, 'update', 'path'));
  if (source === undefined || path === undefined) return;
  const checkout = valueAt(spec, 'git', 'checkout', 'ref');
  const branch = text(valueAt(checkout, 'branch'));
  // A tag or a commit is another state of the repository.
  if (checkout !== undefined && branch === undefined) return;
  yield { at: ['spec', 'update', 'path'], path, source, branch, clones: true };
}

function* chartPaths(object: KubernetesObject, at: ObjectPath, spec: KubernetesObject | object): Generator<NamedPath> {
  const { sourceRef, chart, valuesFiles, ignoreMissingValuesFiles } = spec as Record<string, unknown>;
  const source = sourceReference(sourceRef, object.metadata.namespace ?? '');
  if (source?.kind !== 'GitRepository') return;
  const path = text(chart);
  if (path !== undefined) yield { at: [...at, 'chart'], path, source };
  if (ignoreMissingValuesFiles === true || !Array.isArray(valuesFiles)) return;
  for (const [index, file] of valuesFiles.entries()) {
    if (typeof file === 'string') yield { at: [...at, 'valuesFiles', index], path: file, source, file: true };
  }
}

function* includedPaths(object: KubernetesObject): Generator<NamedPath> {
  for (const [index, include] of listOf(specOf(object)['include']).entries()) {
    const source = sourceReference(valueAt(include, 'repository'), object.metadata.namespace ?? '', 'GitRepository');
    const path = text(valueAt(include, 'fromPath'));
    if (source !== undefined && path !== undefined) yield { at: ['spec', 'include', index, 'fromPath'], path, source };
  }
}

function* copiedPaths(object: KubernetesObject): Generator<NamedPath> {
  const spec = specOf(object);
  const sources = new Map(
    listOf(spec['sources']).map((entry) => [
      text(valueAt(entry, 'alias')),
      sourceReference(entry, object.metadata.namespace ?? ''),
    ]),
  );
  for (const [index, artifact] of listOf(spec['artifacts']).entries()) {
    for (const [position, copy] of listOf(valueAt(artifact, 'copy')).entries()) {
      const [, alias, from = ''] = /^@([^/]+)\/(.*)$/.exec(text(valueAt(copy, 'from')) ?? '') ?? [];
      const source = alias === undefined ? undefined : sources.get(alias);
      if (source === undefined) continue;
      const segments = from.split('/');
      const first = segments.findIndex((segment) => pattern.test(segment));
      // A pattern that matches nothing is an error, too: at least the folder before it must exist.
      const path = (first < 0 ? segments : segments.slice(0, first)).join('/');
      yield { at: ['spec', 'artifacts', index, 'copy', position, 'from'], path, source };
    }
  }
}

/** Whether a source of this repository has a file or folder at a path. Controllers never leave the source's root. */
function isThere(tree: Tree, { path, file = false, clones = false }: NamedPath): boolean {
  const clean = posix.join('/', path).replace(/^\/|\/$/g, '');
  if (clean === '' || path.includes('${')) return true;
  if (tree.files.includes(clean)) return true;
  if (!file && tree.files.some((name) => name.startsWith(`${clean}/`))) return true;
  // In this repository, Flux's artifact has nothing but the files of the tree.
  return (clones || tree.program === undefined) && tree.exists(clean);
}

/** A field with a path that this repository does not have. */
export const sourcePathMissing: Check = {
  id: 'source-path-missing',
  severity: 'error',
  set: 'general',
  why: 'The controller reports the object as not ready, and a Kustomization that waits for it is never ready either.',
  *run(tree): Generator<RawFinding | RawNotChecked | LookedAt> {
    for (const [cluster, object] of eachObject(tree)) {
      for (const named of namedPaths(cluster, object)) {
        if (!isOwnRepository(cluster, named.source, named.branch)) {
          const reason = 'it is in another repository, or another state of this one';
          yield notCheckedAt(cluster, object, named.at, reason, `the path ${named.path}`);
          continue;
        }
        yield { places: 1 };
        if (isThere(tree, named)) continue;
        const kind = named.file === true ? 'file' : 'path';
        const what = `names the ${kind} ${named.path}, which is not in this repository${named.clones === true ? '' : ' as Flux sees it'}`;
        const todo = 'correct the path; leave the object out while there is nothing for it to read';
        yield findingAt(tree, cluster, object, named.at, what, todo);
      }
    }
  },
};
