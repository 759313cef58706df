import { posix } from 'node:path';
import { type Tree, isComplete } from '../../tree';
import type { Check, RawFinding } from '../check';

const kustomizationFiles = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** Something that no cluster reads. */
interface Orphan {
  kind: 'file' | 'folder' | 'kustomization';
  /** The file or folder. */
  path: string;
  /** The file to name. */
  file: string;
}

/**
 * What no cluster reads: the highest folders that hold nothing that is read, and single files elsewhere. Nothing is known
 * while a Kustomization cannot be rendered: it may read anything.
 */
export function findOrphans(tree: Tree): Orphan[] {
  if (!tree.clusters.every(isComplete)) return [];
  const read = new Set(tree.clusters.flatMap(({ kustomizations }) => kustomizations.flatMap(({ files }) => files)));
  const alive = new Set(['.']);
  for (const file of read) {
    for (let folder = posix.dirname(file); !alive.has(folder); folder = posix.dirname(folder)) alive.add(folder);
  }
  const orphans = new Map<string, Orphan>();
  for (const file of tree.files.filter((one) => !read.has(one) && !isForPeople(one))) {
    let path = file;
    while (!alive.has(posix.dirname(path))) path = posix.dirname(path);
    if (orphans.has(path)) continue;
    const build = kustomizationFiles.map((name) => posix.join(path, name)).find((name) => tree.files.includes(name));
    const kind = path === file ? 'file' : build === undefined ? 'folder' : 'kustomization';
    orphans.set(path, { kind, path, file: build ?? file });
  }
  return [...orphans.values()];
}

/** Whether a file is not meant for Flux: documentation, and what tools keep in dot files. */
function isForPeople(file: string): boolean {
  return /\.md$/i.test(file) || file.split('/').some((part) => part.startsWith('.'));
}

const rules: { kind: Orphan['kind']; id: string; what: string; todo: string }[] = [
  {
    kind: 'file',
    id: 'orphan-file',
    what: 'no cluster reads this file',
    todo: 'list it in a kustomization.yaml, or remove it',
  },
  {
    kind: 'folder',
    id: 'orphan-folder',
    what: 'no cluster reads anything in this folder',
    todo: 'name it in the path of a Flux Kustomization, or remove it',
  },
  {
    kind: 'kustomization',
    id: 'orphan-kustomization',
    what: 'no cluster builds this kustomization',
    todo: 'name its folder in a Flux Kustomization or in another kustomization.yaml, or remove it',
  },
];

/** Files, folders and kustomizations that no cluster reads. */
export const orphans: Check[] = rules.map(({ kind, id, what, todo }) => ({
  id,
  severity: 'error',
  set: 'platform',
  why: 'Whoever changes it believes that it does something.',
  *run(tree): Generator<RawFinding> {
    for (const orphan of findOrphans(tree).filter((one) => one.kind === kind)) {
      yield { at: { file: orphan.file, line: 1 }, object: `File ${orphan.path}`, what, todo };
    }
  },
}));
