import * as path from 'node:path';
import type { LabContext } from '../../context';

/** The repository that Flux syncs from, and its location in the lab. */
export interface GitRemote {
  /** As in the cluster settings, for example "https://github.com/owner/name.git". */
  url: string;
  host: string;
  branch: string;
  /** "refs/heads/<branch>". */
  reference: string;
  /** The lab's bare repository: below `.lab/git`, at the path of the URL. */
  dir: string;
}

/** Folder of the lab's bare repositories, at the paths of their URLs. */
export function gitRoot(labDir: string): string {
  return path.join(labDir, 'git');
}

/**
 * The repository in the cluster settings `GIT_URL` and `GIT_BRANCH`.
 * @throws Error unless all clusters set both to the same values and the URL is https
 */
export function gitRemote(ctx: Pick<LabContext, 'dir' | 'clusters'>): GitRemote {
  const found = new Map<string, { url: string; branch: string }>();
  for (const { name, settings } of ctx.clusters) {
    const { GIT_URL: url, GIT_BRANCH: branch } = settings;
    if (url === undefined || branch === undefined) {
      throw new Error(`cluster-settings.yaml of "${name}" lacks GIT_URL or GIT_BRANCH; the lab serves that branch`);
    }
    found.set(`${url} ${branch}`, { url, branch });
  }
  const [remote, other] = [...found.values()];
  if (remote === undefined) throw new Error('no clusters are configured, so the lab has no repository to serve');
  if (other !== undefined) {
    throw new Error(
      `the clusters follow different branches (${[...found.keys()].join('; ')}); the lab serves only one: ` +
        'give every cluster the same GIT_URL and GIT_BRANCH',
    );
  }
  const url = URL.canParse(remote.url) ? new URL(remote.url) : undefined;
  if (url?.protocol !== 'https:') {
    throw new Error(`GIT_URL ${remote.url} is not an https URL; the lab serves Git over HTTPS only`);
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
