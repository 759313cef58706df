import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../../tools/cacheFolder';
import { CannotTell } from '../options';

const run = promisify(execFile);

/**
 * Gives `work` a folder with what a repository, or a folder in one, held at a commit; nothing of the working copy or its
 * index is touched. The folder is removed afterwards, also on failure and when the process is told to stop.
 * @throws CannotTell when the folder is in no repository or the commit is not there
 */
export async function withRef<Result>(
  root: string,
  ref: string,
  work: (folder: string, commit: string) => Promise<Result>,
): Promise<Result> {
  const { top, prefix } = await repositoryOf(root);
  const commit = await commitOf(root, ref);
  const parent = join(cacheFolder(), 'diff');
  mkdirSync(parent, { recursive: true });
  removeLeftovers(parent);
  const scratch = mkdtempSync(join(parent, `${process.pid}-`));
  const remove = (): void => rmSync(scratch, { recursive: true, force: true });
  // Ending the process runs `remove` as well.
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
    const { stdout } = await run('git', ['-C', root, 'rev-parse', '--show-toplevel', '--show-prefix']);
    const [top = '', prefix = ''] = stdout.split('\n');
    return { top, prefix: prefix.replace(/\/$/, '') };
  } catch (error) {
    throw new CannotTell(`--diff: ${root} is in no Git repository, or there is no git: ${lastLine(error)}`);
  }
}

async function commitOf(root: string, ref: string): Promise<string> {
  try {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`];
    return (await run('git', ['-C', root, ...args])).stdout.trim();
  } catch {
    throw new CannotTell(
      `--diff ${ref}: the repository has no such commit. What to do: correct the name, or fetch it first ` +
        '(git fetch origin <branch>; in GitHub Actions: actions/checkout with fetch-depth: 0)',
    );
  }
}

/** Writes a tree of the repository into a folder, with an index of its own. Unlike an archive it leaves nothing out. */
async function checkout(top: string, tree: string, folder: string, index: string): Promise<void> {
  const settings = [
    'core.hooksPath=/dev/null',
    'core.fsmonitor=false',
    'filter.lfs.smudge=',
    'filter.lfs.required=false',
  ];
  const quiet = settings.flatMap((setting) => ['-c', setting]);
  const env = { ...process.env, GIT_INDEX_FILE: index };
  const git = (...args: string[]): Promise<unknown> => run('git', ['-C', top, ...quiet, ...args], { env });
  try {
    await git('read-tree', tree);
    await git('checkout-index', '--all', '--quiet', `--prefix=${folder}/`);
  } catch (error) {
    throw new CannotTell(`--diff: git cannot read ${tree}: ${lastLine(error)}`);
  }
}

/** Removes what runs left that were killed: each folder begins with the id of its process. */
function removeLeftovers(parent: string): void {
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
