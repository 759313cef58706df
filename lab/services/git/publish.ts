import * as fs from 'node:fs';
import * as path from 'node:path';
import type { LabContext } from '../../context';
import { ensureBareRepository, git, gitText, resolveCommit } from './git';
import { gitRemote, type GitRemote } from './remote';

/** What publishing needs of the lab's context. */
export type PublishContext = Pick<LabContext, 'root' | 'dir' | 'clusters'>;

/**
 * Puts the checkout's files, as they are now, at the tip of the branch that the lab's Git serves: tracked files and
 * untracked ones that are not ignored. The checkout's own index and history are not touched. Adds no commit when the tip
 * already has this tree.
 * @returns the tip's commit id
 */
export function publish(ctx: PublishContext): string {
  const remote = gitRemote(ctx);
  ensureBareRepository(remote.dir, remote.branch);
  const tree = withIndex(remote, (indexFile) => {
    const call = { cwd: ctx.root, gitDir: remote.dir, workTree: ctx.root, indexFile };
    git(['update-index', '--add', '-z', '--stdin'], { ...call, input: listFiles(ctx.root).join('\0') });
    return gitText(['write-tree'], call);
  });
  return commitTree(remote, tree, 'Work tree of the checkout');
}

/**
 * Commits one changed file on top of the branch that the lab's Git serves, without touching the checkout: what a person
 * does by pushing a change. Adds no commit when `edit` returns the text it was given.
 * @param file path in the repository, with slashes
 * @returns the tip's commit id
 */
export function commitChange(ctx: PublishContext, file: string, edit: (text: string) => string): string {
  const remote = gitRemote(ctx);
  const bare = { cwd: ctx.root, gitDir: remote.dir };
  const tip = resolveCommit(remote.dir, remote.reference);
  if (tip === undefined)
    throw new Error(`the lab's Git has no branch "${remote.branch}" yet; run \`npm run lab\` first`);
  const [, mode] = /^(\d+) blob /.exec(gitText(['ls-tree', tip, '--', file], bare)) ?? [];
  if (mode === undefined) throw new Error(`${file} is not a file at ${tip.slice(0, 12)} of ${remote.url}`);
  const before = git(['cat-file', 'blob', `${tip}:${file}`], bare).stdout.toString();
  const blob = gitText(['hash-object', '-w', '--stdin'], { ...bare, input: edit(before) });
  const tree = withIndex(remote, (indexFile) => {
    git(['read-tree', tip], { ...bare, indexFile });
    git(['update-index', '--cacheinfo', `${mode},${blob},${file}`], { ...bare, indexFile });
    return gitText(['write-tree'], { ...bare, indexFile });
  });
  return commitTree(remote, tree, `Change ${file}`);
}

/** The commit at the tip of the branch that the lab's Git serves, undefined before the first {@link publish}. */
export function publishedRevision(ctx: PublishContext): string | undefined {
  const remote = gitRemote(ctx);
  return resolveCommit(remote.dir, remote.reference);
}

function commitTree(remote: GitRemote, tree: string, message: string): string {
  const bare = { cwd: remote.dir, gitDir: remote.dir };
  const tip = resolveCommit(remote.dir, remote.reference);
  if (tip !== undefined && gitText(['rev-parse', `${tip}^{tree}`], bare) === tree) return tip;
  const parents = tip === undefined ? [] : ['-p', tip];
  const commit = gitText(['commit-tree', tree, ...parents], { ...bare, input: `${message}\n` });
  // With the old value given, a push that came in between is an error and not lost.
  git(['update-ref', remote.reference, commit, tip ?? ''], bare);
  return commit;
}

function listFiles(root: string): string[] {
  const listed = gitText(['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root }).split('\0');
  const files = new Set<string>();
  for (const file of listed) {
    // An untracked repository inside the checkout is listed as a folder; Git would not publish it either.
    if (file === '' || file.endsWith('/') || file.startsWith('.lab/')) continue;
    const stat = fs.lstatSync(path.join(root, file), { throwIfNoEntry: false });
    if (stat?.isFile() === true || stat?.isSymbolicLink() === true) files.add(file);
  }
  return [...files].sort();
}

function withIndex<T>(remote: GitRemote, use: (indexFile: string) => T): T {
  const indexFile = path.join(path.dirname(remote.dir), `.index-${process.pid}-${Date.now()}`);
  try {
    return use(indexFile);
  } finally {
    fs.rmSync(indexFile, { force: true });
    fs.rmSync(`${indexFile}.lock`, { force: true });
  }
}
