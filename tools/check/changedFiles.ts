import execa from 'execa';
import { ToolError } from '../toolError';

/**
 * Files that differ from a commit: committed since, uncommitted, untracked and deleted ones, relative to the root.
 * Without a commit: since the merge base with the main branch.
 *
 * @throws ToolError if the commit is unknown
 */
export async function changedFiles(root: string, ref?: string): Promise<string[]> {
  const git = async (...args: string[]): Promise<string> => (await execa('git', args, { cwd: root })).stdout;
  const files = (text: string): string[] => text.split('\0').filter((file) => file !== '');
  const base = ref ?? (await mergeBase(git));
  const known = await git('rev-parse', '--verify', '--quiet', '--end-of-options', `${base}^{commit}`).catch(() => '');
  if (known === '') throw new ToolError(`--changed: found ${base}, expected a commit of this repository`);
  const [changed, untracked] = await Promise.all([
    git('diff', '--name-only', '--no-renames', '-z', known, '--'),
    git('ls-files', '-z', '--others', '--exclude-standard'),
  ]);
  return [...new Set([...files(changed), ...files(untracked)])].sort();
}

/** Where this branch left the main branch; HEAD if there is no main branch. */
async function mergeBase(git: (...args: string[]) => Promise<string>): Promise<string> {
  for (const main of ['origin/main', 'main']) {
    const base = await git('merge-base', 'HEAD', main).catch(() => '');
    if (base !== '') return base;
  }
  return 'HEAD';
}
