import { runCommand, tailOf } from '../process/runCommand';
import { UserError } from '../userError';

const howToGet = 'install Git: https://git-scm.com/downloads';
/** Git must fail instead of prompting for a password: no one would see the prompt. */
const environment = (): NodeJS.ProcessEnv => ({ ...process.env, GIT_TERMINAL_PROMPT: '0' });

/**
 * The commit (full SHA) at the tip of a remote branch.
 *
 * @throws UserError if the remote cannot be read or has no such branch
 */
export async function remoteTip(url: string, branch: string, signal: AbortSignal): Promise<string> {
  const args = ['ls-remote', '--', url, `refs/heads/${branch}`];
  const { code, stdout, stderr } = await runCommand({ file: 'git', args, env: environment(), signal, howToGet });
  if (code !== 0) throw new UserError(`git cannot read ${withoutCredentials(url)}: ${tailOf(stderr, 3)}`);
  const sha = /^([0-9a-f]{40,64})\s/.exec(stdout)?.[1];
  if (!sha) {
    throw new UserError(`${withoutCredentials(url)} has no branch ${branch}; push it, or correct GIT_BRANCH`);
  }
  return sha;
}

/** Makes a shallow clone (depth 1) of a tag or branch into an empty folder, and returns its commit (full SHA). */
export async function clone(url: string, ref: string, directory: string, signal: AbortSignal): Promise<string> {
  const git = async (args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCommand({ file: 'git', args, env: environment(), signal, howToGet });
    if (code === 0) return stdout.trim();
    throw new UserError(`git cannot clone ${withoutCredentials(url)} at ${ref}: ${tailOf(stderr, 3)}`);
  };
  const shallow = ['-c', 'advice.detachedHead=false', 'clone', '--quiet', '--depth', '1'];
  await git([...shallow, '--branch', ref, '--', url, directory]);
  return git(['-C', directory, 'rev-parse', 'HEAD']);
}

/** A repository's URL without user name and password, for messages. */
export function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
