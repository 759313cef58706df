import { runCommand } from '../../clients/process/runCommand';
import type { GitCredentials } from '../../clients/git/credentials';
import { remoteTip } from '../../clients/git/git';
import { type Check, type CheckResult, failed, failedWith, ok } from './checkResult';

/** The folder that Flux reads. */
const clusterFiles = 'kubernetes';

/** State of the working copy. */
export interface LocalFacts {
  /** Full hash of the commit that Flux must find. */
  commit: string;
  /** Uncommitted files in the folder that Flux reads, relative to the root. */
  uncommitted: readonly string[];
}

/** Whether the branch that Flux follows is at the same commit as the working copy. */
export function evaluateGit(
  { url, branch }: { url: string; branch: string },
  { commit, uncommitted }: LocalFacts,
  tip: string,
): CheckResult {
  const check = gitCheck({ url, branch });
  if (tip !== commit) {
    const why = `is at ${short(tip)}, but this checkout is at ${short(commit)}`;
    return failed(check, why, `push or pull until both match: git push origin HEAD:${branch}`);
  }
  const count = uncommitted.length;
  const shown = uncommitted.slice(0, 3).join(', ') + (count > 3 ? ', …' : '');
  const note =
    count === 0 ? '' : `; Flux does not see ${count} uncommitted ${count === 1 ? 'file' : 'files'}: ${shown}`;
  return ok(check, `at ${short(tip)}${note}`);
}

/** Compares the remote branch with the working copy, or with `commit` if given; `credentials` are those of a private one. */
export async function checkGit(
  git: { url: string; branch: string },
  root: string,
  commit: string | undefined,
  signal: AbortSignal,
  credentials: () => Promise<GitCredentials | undefined> = () => Promise.resolve(undefined),
): Promise<CheckResult> {
  try {
    const [local, tip] = await Promise.all([
      commit === undefined ? localFacts(root, signal) : { commit, uncommitted: [] },
      credentials().then((found) => remoteTip(git.url, git.branch, signal, found)),
    ]);
    return evaluateGit(git, local, tip);
  } catch (error) {
    signal.throwIfAborted();
    return failedWith(gitCheck(git), error, 'correct GIT_URL, or make it reachable from this machine');
  }
}

async function localFacts(root: string, signal: AbortSignal): Promise<LocalFacts> {
  const git = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runCommand({
      file: 'git',
      args: ['-C', root, ...args],
      env: process.env,
      signal,
    });
    if (code !== 0) throw new Error(`${root} is not a working copy: ${stderr.trim()}; run preflight in a clone`);
    return stdout;
  };
  const [head, status] = await Promise.all([
    git('rev-parse', 'HEAD'),
    git('status', '--porcelain', '-z', '--no-renames', '--', clusterFiles),
  ]);
  const uncommitted = status.split('\0').flatMap((entry) => (entry === '' ? [] : [entry.slice(3)]));
  return { commit: head.trim(), uncommitted };
}

function gitCheck({ url, branch }: { url: string; branch: string }): Check {
  return { id: 'git', what: `branch ${branch} of ${url.replace(/\/\/[^/@]*@/, '//')}` };
}

function short(commit: string): string {
  return commit.slice(0, 12);
}
