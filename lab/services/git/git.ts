import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

/** How {@link git} is called. */
export interface GitCall {
  /** Folder to run in. */
  cwd: string;
  /** Bare repository to work on; absent: the repository that `cwd` is in. */
  gitDir?: string;
  /** Index to use instead of the repository's own. */
  indexFile?: string;
  /** Work tree for commands that need one. */
  workTree?: string;
  /** Text or bytes for stdin. */
  input?: string | Buffer;
  /** Author and committer date, ISO 8601; absent: now. */
  date?: string;
  /** Exit codes that are no error, besides 0. */
  accept?: number[];
}

/** What git answered. */
export interface GitAnswer {
  status: number;
  stdout: Buffer;
}

/** Runs git and waits. Its own hooks, prompts and the caller's GIT_* variables take no part. */
export function git(args: string[], call: GitCall): GitAnswer {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) if (!name.startsWith('GIT_')) env[name] = value;
  env.GIT_TERMINAL_PROMPT = '0';
  env.GIT_AUTHOR_NAME = env.GIT_COMMITTER_NAME = 'lab';
  env.GIT_AUTHOR_EMAIL = env.GIT_COMMITTER_EMAIL = 'lab@localhost';
  if (call.date !== undefined) env.GIT_AUTHOR_DATE = env.GIT_COMMITTER_DATE = call.date;
  if (call.gitDir !== undefined) {
    // The lab's own repositories: the user's settings (signing, templates, line ends) must not change what is served.
    env.GIT_DIR = call.gitDir;
    env.GIT_CONFIG_GLOBAL = '/dev/null';
    env.GIT_CONFIG_NOSYSTEM = '1';
  }
  if (call.indexFile !== undefined) env.GIT_INDEX_FILE = call.indexFile;
  if (call.workTree !== undefined) env.GIT_WORK_TREE = call.workTree;
  const result = spawnSync('git', args, {
    cwd: call.cwd,
    env,
    input: call.input,
    maxBuffer: 512 * 1024 * 1024,
  });
  if (result.error !== undefined) {
    // A missing folder gives the same code as a missing program.
    const missing = (result.error as NodeJS.ErrnoException).code === 'ENOENT' && fs.existsSync(call.cwd);
    throw new Error(missing ? 'git is not on PATH; install it (2.30 or later)' : `git: ${result.error.message}`);
  }
  const status = result.status ?? 1;
  if (status !== 0 && !(call.accept ?? []).includes(status)) {
    throw new Error(`git ${args[0] ?? ''} in ${call.gitDir ?? call.cwd} failed: ${result.stderr.toString().trim()}`);
  }
  return { status, stdout: result.stdout };
}

/** Runs git and returns its stdout without the last line end. */
export function gitText(args: string[], call: GitCall): string {
  return git(args, call).stdout.toString().replace(/\n$/, '');
}

/** Makes a bare repository with that default branch, unless it is there. */
export function ensureBareRepository(gitDir: string, branch: string): void {
  if (fs.existsSync(path.join(gitDir, 'HEAD'))) return;
  fs.mkdirSync(path.dirname(gitDir), { recursive: true, mode: 0o700 });
  const temporary = `${gitDir}.${process.pid}.tmp`;
  fs.rmSync(temporary, { recursive: true, force: true });
  git(['init', '--quiet', '--bare', '--initial-branch', branch, temporary], {
    cwd: path.dirname(gitDir),
    gitDir: temporary,
  });
  fs.renameSync(temporary, gitDir);
}

/** The commit a reference points to, undefined when there is none. */
export function resolveCommit(gitDir: string, reference: string): string | undefined {
  if (!fs.existsSync(gitDir)) return undefined;
  const answer = git(['rev-parse', '--verify', '--quiet', `${reference}^{commit}`], {
    cwd: gitDir,
    gitDir,
    accept: [1, 128],
  });
  return answer.status === 0 ? answer.stdout.toString().trim() : undefined;
}
