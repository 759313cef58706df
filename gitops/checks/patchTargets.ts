import { posix } from 'node:path';
import {
  type Json,
  type KubernetesObject,
  invalidObjectReason,
  isMap,
  listOf,
  specOf,
  valueAt,
} from '../kubernetesObject';
import { locateText } from '../locate';
import { type PatchTarget, matchesTarget } from '../render/patch';
import { sourcesOf } from '../sources';
import type { Location, Tree, TreeCluster, TreeKustomization } from '../tree';
import type { Check, LookedAt, RawFinding, RawNotChecked } from './check';
import { declaredKustomizations } from './facts/dependencies';
import { fluxInstances, fluxObjects } from './facts/fluxInstance';
import { findingAt, notCheckedAt, show } from './finding';

/** A patch with a target, and every Flux Kustomization whose build applies it. */
interface TargetedPatch {
  target: PatchTarget;
  at: Location;
  object: string;
  builds: { cluster: TreeCluster; kustomization: TreeKustomization }[];
}

const isKustomizationFile = (file: string): boolean => /(^|\/)(kustomization\.ya?ml|Kustomization)$/.test(file);

/** The patches in kustomization files and in Flux Kustomizations; one that several builds share appears once. */
function patchesOf(tree: Tree): TargetedPatch[] {
  const found = new Map<string, TargetedPatch>();
  const add = (
    key: string,
    build: TargetedPatch['builds'][number],
    entry: Json,
    place: () => Omit<TargetedPatch, 'target' | 'builds'>,
  ): void => {
    const target = valueAt(entry, 'target');
    if (!isMap(target)) return;
    const known: TargetedPatch = found.get(key) ?? { target, builds: [], ...place() };
    known.builds.push(build);
    found.set(key, known);
  };
  for (const cluster of tree.clusters) {
    for (const kustomization of cluster.kustomizations) {
      const build = { cluster, kustomization };
      for (const file of kustomization.files.filter(isKustomizationFile)) {
        if (
          !sourcesOf(tree)
            .lines(file)
            .some((line) => line.startsWith('patches'))
        )
          continue;
        const [document] = sourcesOf(tree).documents(file);
        for (const [index, entry] of listOf(valueAt(document?.value as Json | undefined, 'patches')).entries()) {
          add(`${file} ${index}`, build, entry, () => {
            const line = document?.lineOf(['patches', index, 'target', 'name']) ?? 1;
            return { at: { file, line }, object: `File ${file}` };
          });
        }
      }
    }
    for (const [kustomization, declaration] of declaredKustomizations(cluster)) {
      for (const entry of listOf(specOf(kustomization.object)['patches'])) {
        // Defaults put the same patch into many Kustomizations.
        add(JSON.stringify(entry), { cluster, kustomization }, entry, () => {
          const name = valueAt(entry, 'target', 'name') ?? valueAt(entry, 'target', 'kind');
          const [at = { file: kustomization.file, line: 1 }] = locateText(tree, declaration, `: ${show(name)}`);
          return { at, object: `Kustomization ${kustomization.id}` };
        });
      }
    }
  }
  return [...found.values()];
}

/**
 * Whether the build is known whole: what is fetched, or fails, may hold anything, and so may a manifest without an object,
 * which something else fills later, as `flux bootstrap` does.
 */
function isKnown(tree: Tree, { cluster, kustomization }: TargetedPatch['builds'][number]): boolean {
  const { id, skipped, files } = kustomization;
  if (skipped !== undefined) return false;
  if (files.some((file) => /\.ya?ml$/.test(file) && sourcesOf(tree).documents(file).length === 0)) return false;
  return !cluster.problems.some((problem) => problem.id === 'remote-base' && problem.kustomization === id);
}

/** The objects in the files of a build, before any patch; without those that are patches themselves. */
function writtenObjects(tree: Tree, { files }: TreeKustomization): KubernetesObject[] {
  const patches = new Set(
    files.filter(isKustomizationFile).flatMap((file) => {
      const [document] = sourcesOf(tree).documents(file);
      const value = document?.value as Json | undefined;
      const paths = [
        ...listOf(valueAt(value, 'patches')).map((patch) => valueAt(patch, 'path')),
        ...listOf(valueAt(value, 'patchesStrategicMerge')),
      ];
      const folder = posix.dirname(file);
      return paths.map((path) => posix.join(folder, show(path)));
    }),
  );
  return files
    .filter((file) => /\.(ya?ml|json)$/.test(file) && !patches.has(file) && !isKustomizationFile(file))
    .flatMap((file) =>
      sourcesOf(tree)
        .documents(file)
        .map(({ value }) => value),
    )
    .flatMap((value) => (isMap(value) && Array.isArray(value['items']) ? value['items'] : [value]))
    .filter((value): value is KubernetesObject => invalidObjectReason(value) === undefined);
}

function selects(target: PatchTarget, object: KubernetesObject): boolean {
  try {
    return matchesTarget(target, object);
  } catch {
    return true; // a selector or pattern that only kustomize understands
  }
}

/**
 * Whether a patch selects something. A target with a name selects objects of the builds that apply it, by the name that
 * they have in their files or at the end. One without a name is a default, also for objects to come: it is enough that
 * the tree has an object of its kind.
 */
function fits(tree: Tree, { target, builds }: TargetedPatch): boolean {
  if (!target.name) {
    const { group, version, kind } = target;
    return tree.clusters.some(({ objects }) => objects.some(({ object }) => selects({ group, version, kind }, object)));
  }
  const rendered = builds.some(({ cluster, kustomization: { id } }) =>
    cluster.objects.some(({ object, kustomization }) => kustomization === id && selects(target, object)),
  );
  // An object that the patch deletes or renames is only in its file.
  return (
    rendered ||
    builds.some(({ kustomization }) => writtenObjects(tree, kustomization).some((object) => selects(target, object)))
  );
}

/** A target as the message shows it. */
export function describeTarget({
  group,
  kind,
  name,
  namespace,
  labelSelector,
  annotationSelector,
}: PatchTarget): string {
  const what = `${kind ?? 'any kind'}${group ? ` of ${group}` : ''}`;
  const where = namespace ? `${namespace}/` : '';
  const selectors = [labelSelector, annotationSelector].filter((selector) => selector !== undefined && selector !== '');
  return [what, name ? `${where}${name}` : '', selectors.length > 0 ? `with ${selectors.join(' and ')}` : '']
    .filter((part) => part !== '')
    .join(' ');
}

const why = 'kustomize says nothing about a patch whose target fits no object: what it should change stays as it is.';
const todo = 'correct the target, or remove the patch';

/** A patch whose target fits nothing: kustomize skips it silently. */
export const patchWithoutTarget: Check = {
  id: 'patch-without-target',
  severity: 'error',
  set: 'general',
  why,
  *run(tree): Generator<RawFinding | RawNotChecked | LookedAt> {
    for (const patch of patchesOf(tree)) {
      yield { places: 1 };
      const { target, at, object, builds } = patch;
      if (fits(tree, patch)) continue;
      const unknown = builds.find((build) => !isKnown(tree, build));
      if (unknown !== undefined) {
        const reason = 'the objects to patch are not all in Git';
        const what = `whether a patch of ${describeTarget(target)} in ${at.file} fits anything`;
        yield notCheckedAt(unknown.cluster, undefined, [], reason, what);
        continue;
      }
      const ids = [...new Set(builds.map(({ kustomization }) => kustomization.id))];
      const applied = ids.length === 1 ? `Kustomization ${ids[0] ?? ''} applies` : `${ids.length} Kustomizations apply`;
      const what = `patches ${describeTarget(target)}, which is not in ${target.name ? `what ${applied}` : 'the repository'}`;
      const clusters = [...new Set(builds.map(({ cluster }) => cluster.name))];
      yield { at, object, what, todo, clusters };
    }
    for (const cluster of tree.clusters) yield* instancePatches(tree, cluster);
  },
};

/** The patches of FluxInstances, whose objects are those of a Flux distribution. */
function* instancePatches(tree: Tree, cluster: TreeCluster): Generator<RawFinding | LookedAt> {
  for (const instance of fluxInstances(cluster)) {
    const { known, otherKinds } = fluxObjects(instance);
    for (const [index, entry] of listOf(valueAt(instance.spec, 'kustomize', 'patches')).entries()) {
      const target = valueAt(entry, 'target');
      if (!isMap(target)) continue;
      yield { places: 1 };
      const { group, kind, name, namespace } = target as PatchTarget;
      const mayBeOther = otherKinds.some((other) => selects({ kind }, { ...noObject, kind: other }));
      if (mayBeOther || known.some((object) => selects({ group, kind, name, namespace }, object))) continue;
      const components = known.filter((object) => object.kind === 'Deployment').map(({ metadata }) => metadata.name);
      const what = `patches ${describeTarget(target)}, which Flux does not have; its components are ${components.join(', ')}`;
      const path = [...instance.path, 'kustomize', 'patches', index, 'target', 'name'];
      yield findingAt(tree, cluster, instance.from, path, what, todo);
    }
  }
}

const noObject: KubernetesObject = { apiVersion: '', kind: '', metadata: { name: '' } };
