import * as path from 'node:path';
import { ensureBareRepository, git, gitText, resolveCommit } from './git';

/** A repository of someone else's that the lab serves at one tag. */
export interface ImportedRepository {
  /** "owner/name". */
  repository: string;
  tag: string;
  /** Folder with the files of that tag: a Go module's. */
  folder: string;
}

/**
 * Makes the lab's copy of a repository: one commit with the files of the folder, under the tag. The commit is the same in
 * every lab (fixed author and date), but not upstream's.
 */
export function importRepository(root: string, { repository, tag, folder }: ImportedRepository): void {
  const dir = path.join(root, `${repository}.git`);
  const reference = `refs/tags/${tag}`;
  ensureBareRepository(dir, 'main');
  if (resolveCommit(dir, reference) !== undefined) return;
  const call = { cwd: folder, gitDir: dir, workTree: folder, indexFile: path.join(dir, 'index') };
  git(['add', '--all', '--force', '.'], call);
  const tree = gitText(['write-tree'], call);
  const input = `${repository} ${tag}, from the Go module (lab stand-in)\n`;
  const commit = gitText(['commit-tree', tree], { ...call, input, date: '2025-01-01T00:00:00Z' });
  git(['update-ref', 'refs/heads/main', commit], call);
  git(['update-ref', reference, commit], call);
}
