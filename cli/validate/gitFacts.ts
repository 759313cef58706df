import { execFile } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What Git knows of a folder, as far as Flux's view of it depends on that. */
export interface GitFacts {
  /** Addresses of its remotes: sources with one of them mean this repository. */
  urls: string[];
  /** Files and folders that Git ignores, from the root: Flux never sees them. */
  hidden: string[];
}

/** Asks Git about a folder; nothing is known when it is not the top of a working copy, or there is no Git. */
export async function gitFacts(root: string): Promise<GitFacts> {
  const git = async (...args: string[]): Promise<string> =>
    (await run('git', ['-C', root, ...args], { maxBuffer: 64 * 1024 * 1024 })).stdout;
  try {
    // A copy inside another repository's working copy is not that repository.
    const top = (await git('rev-parse', '--show-toplevel')).trim();
    if (realpathSync(top) !== realpathSync(root)) return { urls: [], hidden: [] };
    const [remotes, ignored] = await Promise.all([
      git('remote', '-v'),
      git('ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory'),
    ]);
    const urls = remotes.split('\n').flatMap((line) => line.split(/\s+/)[1] ?? []);
    const hidden = ignored.split('\0').flatMap((path) => (path === '' ? [] : [path.replace(/\/$/, '')]));
    return { urls: [...new Set(urls)].sort(), hidden: hidden.sort() };
  } catch {
    return { urls: [], hidden: [] };
  }
}
