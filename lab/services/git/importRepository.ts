import * as path from 'node:path';
import { ensureBareRepository, git, gitText, resolveCommit } from './git';

/** A third-party repository that the lab serves at one tag. */
export interface ImportedRepository {
  /** "owner/name". */
  repository: string;
  tag: string;
  /** Folder with the files of that tag: a Go module's, or a stand-in's. */
  folder: string;
  /** Where they are from, for whoever reads the commit. */
  origin?: string;
}

/**
 * Creates the lab's copy of a repository unless it exists: one commit with the files of the folder, under the tag. The
 * commit id is the same in every lab (fixed author and date) but differs from upstream's.
 */
export function importRepository(
  root: string,
  { repository, tag, folder, origin = 'from the Go module' }: ImportedRepository,
): void {
  const dir = path.join(root, `${repository}.git`);
  const reference = `refs/tags/${tag}`;
  ensureBareRepository(dir, 'main');
  if (resolveCommit(dir, reference) !== undefined) return;
  const options = { cwd: folder, gitDir: dir, workTree: folder, indexFile: path.join(dir, 'index') };
  git(['add', '--all', '--force', '.'], options);
  const tree = gitText(['write-tree'], options);
  const input = `${repository} ${tag}, ${origin} (lab stand-in)\n`;
  const commit = gitText(['commit-tree', tree], { ...options, input, date: '2025-01-01T00:00:00Z' });
  git(['update-ref', 'refs/heads/main', commit], options);
  git(['update-ref', reference, commit], options);
}
