import { runCommand } from '../../clients/process/runCommand';
import { remoteTip } from '../../clients/git/git';
import { failed, failedBy, type Line, ok } from './checkResult';

/** What Flux reads. */
const clusterFiles = 'kubernetes';

/** What a working copy says of itself. */
export interface LocalFacts {
  /** The commit that Flux is to find, in full. */
  commit: string;
  /** Files for Flux that differ from it, from the root. */
  uncommitted: readonly string[];
}

/** Whether the branch that Flux follows is at the commit that the program was read from. */
export function evaluateGit(
  { url, branch }: { url: string; branch: string },
  { commit, uncommitted }: LocalFacts,
  tip: string,
): Line {
  const line = gitLine({ url, branch });
  if (tip !== commit) {
    const why = `is at ${short(tip)}, and this checkout at ${short(commit)}`;
    return failed(line, why, `push or pull, until both are the same: git push origin HEAD:${branch}`);
  }
  const count = uncommitted.length;
  const shown = uncommitted.slice(0, 3).join(', ') + (count > 3 ? ', …' : '');
  const told =
    count === 0 ? '' : `; Flux does not see ${count} uncommitted ${count === 1 ? 'file' : 'files'}: ${shown}`;
  return ok(line, `at ${short(tip)}${told}`);
}

/** Asks the remote and the working copy. `commit` takes the working copy's place where it is given. */
export async function checkGit(
  git: { url: string; branch: string },
  root: string,
  commit: string | undefined,
  signal: AbortSignal,
): Promise<Line> {
  try {
    const [local, tip] = await Promise.all([
      commit === undefined ? localFacts(root, signal) : { commit, uncommitted: [] },
      remoteTip(git.url, git.branch, signal),
    ]);
    return evaluateGit(git, local, tip);
  } catch (error) {
    signal.throwIfAborted();
    return failedBy(gitLine(git), error, 'correct GIT_URL, or the way by which this machine reaches it');
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
    if (code !== 0) throw new Error(`${root} is no working copy: ${stderr.trim()}; run preflight in a clone`);
    return stdout;
  };
  const [head, status] = await Promise.all([
    git('rev-parse', 'HEAD'),
    git('status', '--porcelain', '-z', '--no-renames', '--', clusterFiles),
  ]);
  const uncommitted = status.split('\0').flatMap((entry) => (entry === '' ? [] : [entry.slice(3)]));
  return { commit: head.trim(), uncommitted };
}

function gitLine({ url, branch }: { url: string; branch: string }): Pick<Line, 'id' | 'what'> {
  return { id: 'git', what: `branch ${branch} of ${url.replace(/\/\/[^/@]*@/, '//')}` };
}

function short(commit: string): string {
  return commit.slice(0, 12);
}
