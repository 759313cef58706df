import { posix } from 'node:path';
import { parse } from 'yaml';
import {
  type Json,
  type KubernetesObject,
  identityOf,
  invalidObjectReason,
  listOf,
  specOf,
  textOf,
  valueAt,
} from '../kubernetesObject';
import { sourcesOf } from '../sources';
import { systemOf } from '../systems';
import { type Tree, type TreeCluster, type TreeKustomization, type TreeObject } from '../tree';
import type { Check, LookedAt, RawFinding, RawNotChecked } from './check';
import { declaredKustomizations, isKustomization } from './facts/dependencies';
import { findingAt } from './finding';

/** The source of Kustomizations that name none: cluster-defaults gives it to them. */
const rootSource = 'flux-system';

const kustomizationFiles = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** Something that no cluster reads. */
interface Orphan {
  kind: 'file' | 'folder' | 'kustomization';
  /** The file or folder. */
  path: string;
  /** The file to report. */
  file: string;
}

const known = new WeakMap<Tree, readonly Orphan[]>();

/** What no cluster reads: the topmost folders without any file that is read, and single files elsewhere. Looked up once. */
export function findOrphans(tree: Tree): readonly Orphan[] {
  const orphans = known.get(tree) ?? lookForOrphans(tree);
  known.set(tree, orphans);
  return orphans;
}

function lookForOrphans(tree: Tree): Orphan[] {
  const read = new Set(tree.clusters.flatMap(({ kustomizations }) => kustomizations.flatMap(({ files }) => files)));
  const used = new Set(['.']);
  const use = (file: string): void => {
    for (let folder = posix.dirname(file); !used.has(folder); folder = posix.dirname(folder)) used.add(folder);
  };
  read.forEach(use);
  const unread = tree.files.filter((candidate) => !read.has(candidate) && !isIgnored(candidate));
  const left = unread.length === 0 ? new Set<string>() : leftOut(tree, read);
  left.forEach(use);
  const orphans = new Map<string, Orphan>();
  for (const file of unread.filter((candidate) => !left.has(candidate))) {
    let path = file;
    while (!used.has(posix.dirname(path))) path = posix.dirname(path);
    if (orphans.has(path)) continue;
    const build = kustomizationFiles.map((name) => posix.join(path, name)).find((name) => tree.files.includes(name));
    const kind = path === file ? 'file' : build === undefined ? 'folder' : 'kustomization';
    orphans.set(path, { kind, path, file: build ?? file });
  }
  return [...orphans.values()];
}

/**
 * The files that a cluster would read if it listed every system and patched no Kustomization away: those of systems that none
 * lists, and those of Kustomizations that a file declares and a patch deletes.
 */
function leftOut(tree: Tree, read: ReadonlySet<string>): Set<string> {
  const rendered = new Set(tree.clusters.flatMap(({ kustomizations }) => kustomizations.map(({ name }) => name)));
  const listed = new Set([...read].map(systemOf));
  const systems = new Set(tree.files.map(systemOf).filter((system) => system !== undefined && !listed.has(system)));
  const reached = new Set<string>();
  const visit = (path: string): void => {
    if (reached.has(path)) return;
    const build = kustomizationFiles.map((name) => posix.join(path, name)).find((name) => tree.files.includes(name));
    const below = tree.files.filter((file) => file.startsWith(`${path}/`));
    if (build !== undefined) visit(build);
    // Flux applies every file of a folder without a kustomization file.
    else if (below.length > 0) below.forEach(visit);
    else {
      reached.add(path);
      for (const { value } of sourcesOf(tree).documents(path)) namedIn(path, value).forEach(visit);
    }
  };
  systems.forEach((system) => visit(system ?? ''));
  // Parsing every file takes longer than all rules.
  const declaring = [...read].filter((file) => tree.read(file)?.includes('kustomize.toolkit.fluxcd.io/'));
  for (const { value } of declaring.flatMap((file) => sourcesOf(tree).documents(file))) {
    const path = pathOfKustomization(value);
    if (path !== undefined && !rendered.has((value as KubernetesObject).metadata.name)) visit(path);
  }
  return reached;
}

/** The paths that a document of a file names: of a Flux Kustomization, or of a kustomization file. */
function namedIn(file: string, document: unknown): string[] {
  const path = pathOfKustomization(document);
  if (path !== undefined) return [path];
  if (!kustomizationFiles.includes(posix.basename(file))) return [];
  const list = (field: string): Json[] => listOf(valueAt(document as Json, field));
  const entries = [
    ...['resources', 'components', 'configurations'].flatMap(list),
    ...['patches', 'replacements'].flatMap(list).map((entry) => valueAt(entry, 'path')),
    ...['configMapGenerator', 'secretGenerator'].flatMap(list).flatMap((entry) => listOf(valueAt(entry, 'files'))),
  ];
  // A patch may set the path of a Flux Kustomization that a component has.
  const patched = list('patches').flatMap(
    (entry) => pathOfKustomization(parsedOrNothing(valueAt(entry, 'patch'))) ?? [],
  );
  const files = entries.flatMap((entry) =>
    // A file of a generator may have another name in the ConfigMap: `name=path`.
    typeof entry === 'string' ? [posix.join(posix.dirname(file), entry.replace(/^[^=/]*=/, ''))] : [],
  );
  return [...files, ...patched];
}

/** The content of an inline patch; undefined if it is not YAML. */
function parsedOrNothing(patch: Json | undefined): unknown {
  if (typeof patch !== 'string') return undefined;
  try {
    return parse(patch) as unknown;
  } catch {
    return undefined;
  }
}

/** The path in this repository of a document that is a Flux Kustomization; one with a source of its own has it elsewhere. */
function pathOfKustomization(document: unknown): string | undefined {
  if (invalidObjectReason(document) !== undefined) return undefined;
  const object = document as KubernetesObject;
  const path = specOf(object)['path'];
  const source = valueAt(specOf(object), 'sourceRef', 'name') ?? rootSource;
  return isKustomization(object) && typeof path === 'string' && source === rootSource ? posix.join(path) : undefined;
}

/** Whether a file is not meant for Flux: documentation, and dot files of tools. */
function isIgnored(file: string): boolean {
  return /\.md$/i.test(file) || file.split('/').some((part) => part.startsWith('.'));
}

const orphanRules: { kind: Orphan['kind']; id: string; what: string; todo: string }[] = [
  {
    kind: 'file',
    id: 'orphan-file',
    what: 'no cluster reads this file',
    todo: 'list it in a kustomization.yaml, or remove it',
  },
  {
    kind: 'folder',
    id: 'orphan-folder',
    what: 'no cluster reads any file in this folder',
    todo: 'set it as the path of a Flux Kustomization, or remove it',
  },
  {
    kind: 'kustomization',
    id: 'orphan-kustomization',
    what: 'no cluster builds this kustomization',
    todo: 'reference its folder in a Flux Kustomization or in another kustomization.yaml, or remove it',
  },
];

/** Files, folders and kustomizations that no cluster reads. */
export const orphans: Check[] = orphanRules.map(({ kind, id, what, todo }) => ({
  id,
  severity: 'error',
  set: 'platform',
  why: 'Anyone who changes it expects the change to have an effect.',
  needs: 'wholeTree', // a Kustomization that cannot be rendered might read anything
  *run(tree): Generator<RawFinding> {
    for (const orphan of findOrphans(tree).filter((candidate) => candidate.kind === kind)) {
      yield { at: { file: orphan.file, line: 1 }, object: `File ${orphan.path}`, what, todo };
    }
  },
}));

/** A Kustomization that has nothing to apply. */
export const kustomizationAppliesNothing: Check = {
  id: 'kustomization-applies-nothing',
  severity: 'error',
  set: 'platform',
  why: 'It is ready immediately and looks as if the component it is named after were installed.',
  needs: 'wholeTree',
  *run(tree): Generator<RawFinding> {
    const unread = findOrphans(tree);
    for (const cluster of tree.clusters) {
      const applying = new Set(cluster.objects.map(({ kustomization }) => kustomization));
      for (const [{ id, path, skipped }, object] of declaredKustomizations(cluster)) {
        if (applying.has(id) || skipped !== undefined) continue;
        // Files next to an empty list are reported individually.
        if (unread.some(({ file }) => file.startsWith(`${path}/`))) continue;
        const what = `applies nothing: ${path} renders no objects`;
        yield findingAt(tree, cluster, object, ['spec', 'path'], what, `list resources in ${path}, or remove both`);
      }
    }
  },
};

/** Whether an annotation on the object tells Flux not to own it like any other. */
function isShared({ object }: TreeObject): boolean {
  const annotation = (name: string): string =>
    textOf(valueAt(object.metadata, 'annotations', `kustomize.toolkit.fluxcd.io/${name}`)).toLowerCase();
  return ['merge', 'ifnotpresent', 'ignore'].includes(annotation('ssa')) || annotation('reconcile') === 'disabled';
}

/** The id of the Kustomization that owns what a Kustomization renders. */
function ownerOf(cluster: TreeCluster, kustomization: TreeKustomization): string {
  const [entry] = cluster.kustomizations;
  // If the entry point's own Kustomization is declared in Git, its path is the folder that Flux starts at.
  return kustomization.path === entry?.path && kustomization.skipped === undefined ? entry.id : kustomization.id;
}

/** One object that two Kustomizations of a cluster apply. */
export const objectTwice: Check = {
  id: 'object-twice',
  severity: 'error',
  set: 'general',
  why: 'Two owners overwrite each other, and when one of them is removed, its pruning deletes the object of the other.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const byId = new Map(cluster.kustomizations.map((kustomization) => [kustomization.id, kustomization]));
      const first = new Map<string, { object: TreeObject; owner: string }>();
      for (const object of cluster.objects) {
        const kustomization = byId.get(object.kustomization);
        if (kustomization === undefined || kustomization.skipped === 'suspended' || isShared(object)) continue;
        // The renderer reports a Kustomization that is declared twice.
        if (isKustomization(object.object)) continue;
        const remote = JSON.stringify(specOf(kustomization.object)['kubeConfig'] ?? '');
        const identity = `${identityOf(object.object)}|${remote}`;
        const owner = ownerOf(cluster, kustomization);
        const other = first.get(identity);
        if (other === undefined) first.set(identity, { object, owner });
        else if (other.owner !== owner) {
          const what = `is applied by Kustomization ${owner} and also by ${other.owner} (${other.object.file})`;
          const cause = `${owner} and ${other.owner}`;
          yield { ...findingAt(tree, cluster, object, [], what, 'keep it in one of the two'), cause };
        }
      }
    }
  },
};

/** A cluster folder without a stack. */
export const clusterWithoutStack: Check = {
  id: 'cluster-without-stack',
  severity: 'error',
  set: 'platform',
  why: 'Without a stack, nothing creates the machines that this folder is for.',
  *run(tree): Generator<RawFinding> {
    for (const { name, entry } of tree.clusters) {
      if (tree.stacks.includes(name)) continue;
      const inside = tree.files.filter((file) => file.startsWith(`${entry}/`));
      const file = inside.find((candidate) => candidate === `${entry}/kustomization.yaml`) ?? inside[0] ?? entry;
      yield {
        at: { file, line: 1 },
        object: `Cluster ${name}`,
        what: `${entry} has no stack`,
        todo: `add Pulumi.${name}.yaml, or remove the folder`,
        clusters: [name],
      };
    }
  },
};

/** A stack without a cluster folder. */
export const stackWithoutCluster: Check = {
  id: 'stack-without-cluster',
  severity: 'error',
  set: 'platform',
  why: 'The program reads the cluster definition from that folder, and Flux starts there.',
  *run(tree): Generator<RawFinding> {
    for (const stack of tree.stacks) {
      if (tree.clusters.some(({ name }) => name === stack)) continue;
      yield {
        at: { file: `Pulumi.${stack}.yaml`, line: 1 },
        object: `Stack ${stack}`,
        what: `stack ${stack} has no folder in kubernetes/clusters`,
        todo: `add kubernetes/clusters/${stack}, or remove the stack`,
      };
    }
  },
};

/** A stack file or settings that the program refuses. */
export const definition: Check = {
  id: 'definition',
  severity: 'error',
  set: 'platform',
  why: 'pulumi preview and pulumi up refuse the cluster for the same reason.',
  *run(tree): Generator<RawFinding | RawNotChecked | LookedAt> {
    if (tree.definitions === undefined) {
      for (const cluster of tree.clusters.filter(({ name }) => tree.stacks.includes(name))) {
        const what = `the definition of ${cluster.name}`;
        yield { cluster, path: [], reason: 'there is no Pulumi.yaml next to the stack files', what };
      }
      return;
    }
    yield { places: tree.stacks.length };
    for (const { stack, ofManifest, setting, ...problem } of tree.definitions) {
      const cluster = tree.clusters.find(({ name }) => name === stack);
      // Where the entry point does not render, findings of the cluster are dropped as its consequences. Those of a stack
      // file are none.
      const isLost =
        cluster?.kustomizations[0]?.skipped === 'failed' && !problem.at.file.startsWith(`${cluster.entry}/`);
      const overlap = {
        ...(ofManifest && { sameLine: true }),
        ...(setting !== undefined && { setting }),
      };
      yield { ...problem, object: `Stack ${stack}`, clusters: isLost ? [] : [stack], overlap };
    }
  },
};
