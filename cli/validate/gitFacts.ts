import { realpathSync } from 'node:fs';
import execa from 'execa';

/** What Git knows about a folder, as far as Flux's view of it depends on that. */
export interface GitFacts {
  /** URLs of its remotes: a Flux source with one of them refers to this repository. */
  urls: string[];
  /** Files and folders that Git ignores, relative to the root: Flux never sees them. */
  hidden: string[];
}

/** Reads the Git facts of a folder; empty if it is not the top of a working copy, or Git is not installed. */
export async function gitFacts(root: string): Promise<GitFacts> {
  const git = async (...args: string[]): Promise<string> => (await execa('git', ['-C', root, ...args])).stdout;
  try {
    const [top, remotes, ignored] = await Promise.all([
      git('rev-parse', '--show-toplevel'),
      git('remote', '-v'),
      git('ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory'),
    ]);
    // A folder inside another repository's working copy is not that repository.
    if (realpathSync(top) !== realpathSync(root)) return { urls: [], hidden: [] };
    const urls = remotes.split('\n').flatMap((line) => line.split(/\s+/)[1] ?? []);
    const hidden = ignored.split('\0').flatMap((path) => (path === '' ? [] : [path.replace(/\/$/, '')]));
    return { urls: [...new Set(urls)].sort(), hidden: hidden.sort() };
  } catch {
    return { urls: [], hidden: [] };
  }
}
