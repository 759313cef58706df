import * as path from 'node:path';
import type { LabContext } from '../../context';

/** The repository that Flux follows, and where the lab keeps it. */
export interface GitRemote {
  /** As in the cluster settings, for example "https://github.com/owner/name.git". */
  url: string;
  host: string;
  branch: string;
  /** "refs/heads/<branch>". */
  reference: string;
  /** The lab's bare repository, below `.lab/git`, at the path that the URL has. */
  dir: string;
}

/** Folder that holds the lab's bare repositories at the paths of their URLs. */
export function gitRoot(labDir: string): string {
  return path.join(labDir, 'git');
}

/** Reads the repository from the settings `GIT_URL` and `GIT_BRANCH`, which must be the same in every cluster. */
export function gitRemote(ctx: Pick<LabContext, 'dir' | 'clusters'>): GitRemote {
  const found = new Map<string, { url: string; branch: string }>();
  for (const { name, settings } of ctx.clusters) {
    const { GIT_URL: url, GIT_BRANCH: branch } = settings;
    if (url === undefined || branch === undefined) {
      throw new Error(`cluster-settings.yaml of "${name}" has no GIT_URL or no GIT_BRANCH; the lab serves that branch`);
    }
    found.set(`${url} ${branch}`, { url, branch });
  }
  const [remote, other] = [...found.values()];
  if (remote === undefined) throw new Error('the lab has no cluster, so no repository to serve');
  if (other !== undefined) {
    throw new Error(
      `the clusters follow different branches (${[...found.keys()].join('; ')}); the lab serves one: ` +
        'give every cluster the same GIT_URL and GIT_BRANCH',
    );
  }
  const url = URL.canParse(remote.url) ? new URL(remote.url) : undefined;
  if (url?.protocol !== 'https:') {
    throw new Error(`GIT_URL ${remote.url} is not an https URL; the lab can only stand in for Git over HTTPS`);
  }
  const repository = url.pathname
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '');
  return {
    ...remote,
    host: url.hostname,
    reference: `refs/heads/${remote.branch}`,
    dir: path.join(gitRoot(ctx.dir), `${repository}.git`),
  };
}
