import { runCommand, tailOf } from '../process/runCommand';
import { UserError } from '../userError';
import { type GitCredentials, withCredentials } from './credentials';

const howToGet = 'install Git: https://git-scm.com/downloads';
/** Git must fail instead of prompting for a password: no one would see the prompt. */
const environment = (): NodeJS.ProcessEnv => ({ ...process.env, GIT_TERMINAL_PROMPT: '0' });

/**
 * The commit (full SHA) at the tip of a remote branch.
 *
 * @throws UserError if the remote cannot be read or has no such branch
 */
export async function remoteTip(
  url: string,
  branch: string,
  signal: AbortSignal,
  credentials?: GitCredentials,
): Promise<string> {
  const { code, stdout, stderr } = await withCredentials(url, credentials, ({ options, env }) => {
    const args = [...options, 'ls-remote', '--', url, `refs/heads/${branch}`];
    return runCommand({ file: 'git', args, env: { ...environment(), ...env }, signal, howToGet });
  });
  if (code !== 0) throw new UserError(`git cannot read ${withoutCredentials(url)}: ${tailOf(stderr, 3)}`);
  const sha = /^([0-9a-f]{40,64})\s/.exec(stdout)?.[1];
  if (!sha) {
    throw new UserError(`${withoutCredentials(url)} has no branch ${branch}; push it, or correct GIT_BRANCH`);
  }
  return sha;
}

/** Makes a shallow clone (depth 1) of a tag or branch into an empty folder, and returns its commit (full SHA). */
export async function clone(
  url: string,
  ref: string,
  directory: string,
  signal: AbortSignal,
  credentials?: GitCredentials,
): Promise<string> {
  return withCredentials(url, credentials, async ({ options, env }) => {
    const git = async (args: string[]): Promise<string> => {
      const all = { ...environment(), ...env };
      const { code, stdout, stderr } = await runCommand({ file: 'git', args, env: all, signal, howToGet });
      if (code === 0) return stdout.trim();
      throw new UserError(`git cannot clone ${withoutCredentials(url)} at ${ref}: ${tailOf(stderr, 3)}`);
    };
    const shallow = [...options, '-c', 'advice.detachedHead=false', 'clone', '--quiet', '--depth', '1'];
    await git([...shallow, '--branch', ref, '--', url, directory]);
    return git(['-C', directory, 'rev-parse', 'HEAD']);
  });
}

/** Where to find a commit of a repository. */
export interface CommitSource {
  /** A URL, or the folder of a local repository. */
  url: string;
  /** Full SHA. */
  commit: string;
  /** A branch or tag that has it at its tip, for servers that serve no single commits. */
  ref?: string;
  credentials?: GitCredentials;
}

/**
 * Writes the files of one commit into an empty folder, as a shallow repository. Runs no hooks.
 *
 * @throws UserError if the repository does not have the commit or cannot be read
 */
export async function checkoutCommit(
  { url, commit, ref, credentials }: CommitSource,
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  await withCredentials(url, credentials, async ({ options, env }) => {
    const run = (args: string[]): ReturnType<typeof runCommand> => {
      const all = ['-c', 'core.hooksPath=/dev/null', '-c', 'advice.detachedHead=false', '-C', directory, ...args];
      return runCommand({ file: 'git', args: all, env: { ...environment(), ...env }, signal, howToGet });
    };
    const fail = (stderr: string): never => {
      throw new UserError(`git cannot read commit ${commit} of ${withoutCredentials(url)}: ${tailOf(stderr, 3)}`);
    };
    const fetch = (what: string): ReturnType<typeof run> =>
      run([...options, '-c', 'protocol.version=2', 'fetch', '--quiet', '--depth', '1', '--', url, what]);
    const made = await run(['init', '--quiet']);
    if (made.code !== 0) fail(made.stderr);
    let fetched = await fetch(commit);
    if (fetched.code !== 0 && ref !== undefined) fetched = await fetch(ref);
    if (fetched.code !== 0) fail(fetched.stderr);
    const written = await run(['checkout', '--quiet', '--detach', commit]);
    if (written.code !== 0) fail(written.stderr);
  });
}

/** Whether a folder is in a repository that has a commit. */
export async function hasCommit(folder: string, commit: string, signal: AbortSignal): Promise<boolean> {
  const args = ['-C', folder, 'cat-file', '-e', `${commit}^{commit}`];
  return (await runCommand({ file: 'git', args, env: environment(), signal, howToGet })).code === 0;
}

/** A repository's URL without user name and password, for messages. */
export function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
