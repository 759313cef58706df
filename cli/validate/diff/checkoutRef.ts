import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import execa from 'execa';
import { makeCacheFolder } from '../../../tools/cacheFolder';
import { ValidateError } from '../options';

/**
 * Calls `work` with a folder that contains a repository, or a folder of one, as it was at a commit. Leaves the working
 * copy and its index alone. Removes the folder afterwards, also on failure and on SIGINT or SIGTERM.
 * @throws ValidateError if the folder is not in a repository or the commit does not exist
 */
export async function withRef<Result>(
  root: string,
  ref: string,
  work: (folder: string, commit: string) => Promise<Result>,
): Promise<Result> {
  const { top, prefix } = await repositoryOf(root);
  const commit = await commitOf(root, ref);
  const parent = makeCacheFolder('diff');
  removeStale(parent);
  const scratch = mkdtempSync(join(parent, `${process.pid}-`));
  const remove = (): void => rmSync(scratch, { recursive: true, force: true });
  // Exiting the process runs `remove`.
  const stop = (signal: NodeJS.Signals): void => process.exit(signal === 'SIGINT' ? 130 : 143);
  process.once('exit', remove).once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const folder = join(scratch, 'tree');
    mkdirSync(folder);
    await checkout(top, `${commit}:${prefix}`, folder, join(scratch, 'index'));
    return await work(folder, commit);
  } finally {
    process.off('exit', remove).off('SIGINT', stop).off('SIGTERM', stop);
    remove();
  }
}

async function repositoryOf(root: string): Promise<{ top: string; prefix: string }> {
  try {
    const { stdout } = await execa('git', ['-C', root, 'rev-parse', '--show-toplevel', '--show-prefix']);
    const [top = '', prefix = ''] = stdout.split('\n');
    return { top, prefix: prefix.replace(/\/$/, '') };
  } catch (error) {
    throw new ValidateError(`--diff: ${root} is not in a Git repository, or git is not installed: ${lastLine(error)}`);
  }
}

async function commitOf(root: string, ref: string): Promise<string> {
  try {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`];
    return (await execa('git', ['-C', root, ...args])).stdout;
  } catch {
    throw new ValidateError(
      `--diff ${ref}: the repository has no such commit; correct the name, or fetch it first ` +
        '(git fetch origin <branch>; in GitHub Actions: actions/checkout with fetch-depth: 0)',
    );
  }
}

/** Writes a tree of the repository into a folder, using a separate index. Unlike `git archive`, ignores `export-ignore`. */
async function checkout(top: string, tree: string, folder: string, index: string): Promise<void> {
  const config = [
    'core.hooksPath=/dev/null',
    'core.fsmonitor=false',
    'filter.lfs.smudge=',
    'filter.lfs.required=false',
  ];
  const flags = config.flatMap((setting) => ['-c', setting]);
  const env = { GIT_INDEX_FILE: index };
  const git = (...args: string[]): Promise<unknown> => execa('git', ['-C', top, ...flags, ...args], { env });
  try {
    await git('read-tree', tree);
    await git('checkout-index', '--all', '--quiet', `--prefix=${folder}/`);
  } catch (error) {
    throw new ValidateError(`--diff: git cannot read ${tree}: ${lastLine(error)}`);
  }
}

/** Removes the folders of killed runs: the name of each starts with the id of its process. */
function removeStale(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = Number(name.split('-')[0]);
    if (Number.isInteger(pid) && pid > 0 && !isRunning(pid))
      rmSync(join(parent, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as Error & { stderr?: string };
  return (stderr || message).trim().split('\n').at(-1) ?? '';
}
