import * as fs from 'node:fs';
import * as path from 'node:path';
import type { LabContext } from '../../context';
import { ensureBareRepository, git, gitText, resolveCommit } from './git';
import { gitRemote, type GitRemote } from './remote';

/** The parts of the lab's context that publishing needs. */
export type PublishContext = Pick<LabContext, 'root' | 'dir' | 'clusters'>;

/**
 * Publishes the checkout's current files, tracked and untracked but not ignored, to the branch that the lab's Git
 * server serves. Adds a commit only if the tree differs from the branch tip's. The checkout's index and history stay
 * unchanged.
 * @returns the tip's commit id
 */
export function publish(ctx: PublishContext): string {
  const remote = gitRemote(ctx);
  ensureBareRepository(remote.dir, remote.branch);
  const tree = withIndex(remote, (indexFile) => {
    const options = { cwd: ctx.root, gitDir: remote.dir, workTree: ctx.root, indexFile };
    git(['update-index', '--add', '-z', '--stdin'], { ...options, input: listFiles(ctx.root).join('\0') });
    return gitText(['write-tree'], options);
  });
  return commitTree(remote, tree, 'Work tree of the checkout');
}

/**
 * Commits a change to one file to the branch that the lab's Git server serves, as if a user had pushed it. The checkout
 * stays unchanged. Adds no commit if `edit` returns its input.
 * @param file path in the repository, with forward slashes
 * @returns the tip's commit id
 */
export function commitChange(ctx: PublishContext, file: string, edit: (text: string) => string): string {
  const remote = gitRemote(ctx);
  const bare = { cwd: ctx.root, gitDir: remote.dir };
  const tip = resolveCommit(remote.dir, remote.reference);
  if (tip === undefined)
    throw new Error(`the lab's Git server has no branch "${remote.branch}" yet; run \`npm run lab\` first`);
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

/** The commit at the tip of the branch that the lab's Git server serves; undefined before the first {@link publish}. */
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
  // Giving the old value makes git fail on a concurrent push instead of overwriting it.
  git(['update-ref', remote.reference, commit, tip ?? ''], bare);
  return commit;
}

function listFiles(root: string): string[] {
  const listed = gitText(['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root }).split('\0');
  const files = new Set<string>();
  for (const file of listed) {
    // An untracked repository inside the checkout is listed as a folder; Git would not add its files either.
    if (file === '' || file.endsWith('/') || /^\.lab(-snapshots)?\//.test(file)) continue;
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
