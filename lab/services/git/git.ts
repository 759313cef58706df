import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

/** Options of {@link git}. */
export interface GitOptions {
  /** Working directory. */
  cwd: string;
  /** Bare repository to operate on; absent: the repository that contains `cwd`. */
  gitDir?: string;
  /** Alternative index file. */
  indexFile?: string;
  /** Work tree, for commands that need one. */
  workTree?: string;
  /** Data for stdin. */
  input?: string | Buffer;
  /** Author and committer date, ISO 8601; absent: now. */
  date?: string;
  /** Exit codes to accept in addition to 0. */
  acceptedCodes?: number[];
}

export interface GitResult {
  status: number;
  stdout: Buffer;
}

/**
 * Runs git synchronously, without prompts and without the caller's GIT_* variables.
 * @throws Error if git is missing, or with its stderr if it exits with a code that is not accepted
 */
export function git(args: string[], options: GitOptions): GitResult {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) if (!name.startsWith('GIT_')) env[name] = value;
  env.GIT_TERMINAL_PROMPT = '0';
  env.GIT_AUTHOR_NAME = env.GIT_COMMITTER_NAME = 'lab';
  env.GIT_AUTHOR_EMAIL = env.GIT_COMMITTER_EMAIL = 'lab@localhost';
  if (options.date !== undefined) env.GIT_AUTHOR_DATE = env.GIT_COMMITTER_DATE = options.date;
  if (options.gitDir !== undefined) {
    // In the lab's own repositories the user's Git config (signing, templates, line endings) must not affect the
    // content.
    env.GIT_DIR = options.gitDir;
    env.GIT_CONFIG_GLOBAL = '/dev/null';
    env.GIT_CONFIG_NOSYSTEM = '1';
  }
  if (options.indexFile !== undefined) env.GIT_INDEX_FILE = options.indexFile;
  if (options.workTree !== undefined) env.GIT_WORK_TREE = options.workTree;
  const result = spawnSync('git', args, {
    cwd: options.cwd,
    env,
    input: options.input,
    maxBuffer: 512 * 1024 * 1024,
  });
  if (result.error !== undefined) {
    // A missing working directory gives the same code as a missing program.
    const missing = (result.error as NodeJS.ErrnoException).code === 'ENOENT' && fs.existsSync(options.cwd);
    throw new Error(missing ? 'git is not on PATH; install it (2.30 or later)' : `git: ${result.error.message}`);
  }
  const status = result.status ?? 1;
  if (status !== 0 && !(options.acceptedCodes ?? []).includes(status)) {
    throw new Error(
      `git ${args[0] ?? ''} in ${options.gitDir ?? options.cwd} failed: ${result.stderr.toString().trim()}`,
    );
  }
  return { status, stdout: result.stdout };
}

/** Runs git and returns its stdout without the trailing newline. */
export function gitText(args: string[], options: GitOptions): string {
  return git(args, options).stdout.toString().replace(/\n$/, '');
}

/** Creates a bare repository with that default branch, unless it exists. */
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

/** The commit that a reference points to; undefined if it does not exist. */
export function resolveCommit(gitDir: string, reference: string): string | undefined {
  if (!fs.existsSync(gitDir)) return undefined;
  const result = git(['rev-parse', '--verify', '--quiet', `${reference}^{commit}`], {
    cwd: gitDir,
    gitDir,
    acceptedCodes: [1, 128],
  });
  return result.status === 0 ? result.stdout.toString().trim() : undefined;
}
