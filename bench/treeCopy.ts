import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseDocument } from 'yaml';
import type { Tree } from '../gitops/tree';

/** What `validate` reads. */
const validated = ['kubernetes', 'Pulumi*.yaml', '*.md'];

/**
 * Copies the files of a repository that Git does not ignore to a new folder and makes it a working copy of its own.
 * @param paths Git path patterns of the files to copy
 */
export function copyTree(root: string, folder: string, paths: readonly string[] = validated): void {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', ...paths];
  for (const file of execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\0')) {
    if (file === '' || !existsSync(join(root, file))) continue;
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    copyFileSync(join(root, file), join(folder, file));
  }
  const git = (...args: string[]): unknown => execFileSync('git', args, { cwd: folder, stdio: 'ignore' });
  git('init', '--quiet');
  git('add', '--all');
}

/** The file to change between runs: the first by name that contains a HelmRelease. */
export function fileToChange(tree: Tree): string {
  const [file] = tree.clusters
    .flatMap(({ objects }) => objects.filter(({ object }) => object.kind === 'HelmRelease'))
    .map((release) => release.file)
    .sort();
  if (file === undefined) throw new Error('the tree has no HelmRelease to change');
  return file;
}

/** Sets an annotation in a manifest, so that the rendered object changes. */
export function changeFile(path: string, run: number): void {
  const document = parseDocument(readFileSync(path, 'utf8'));
  document.setIn(['metadata', 'annotations', 'bench/run'], String(run));
  writeFileSync(path, document.toString());
}
