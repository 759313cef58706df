import { clone, withoutCredentials } from '../../../clients/git/git';
import { withTempDir } from '../../../clients/process/tempDir';
import { UserError } from '../../../clients/userError';
import { type Awaited, awaitedKustomizations } from '../../../cluster/awaitedKustomizations';
import { bootstrapKustomizations, rootKustomization } from '../../../cluster/bootstrapOrder';
import { ManifestError } from '../../../gitops/manifestError';
import { type RenderedCluster, renderCluster } from '../../../gitops/render/renderCluster';
import type { HandoverInputs } from '../inputs';

/** What Flux is to reconcile: the tip of the remote branch, and the cluster's Kustomizations in that commit. */
export interface RemoteTree {
  /** Full SHA. */
  commit: string;
  awaited: Awaited;
}

/**
 * Reads the tip of the remote branch. Names and commit come from one clone: nothing is waited for that Flux cannot see.
 *
 * @throws UserError if the branch cannot be read, or lacks a Kustomization that this checkout has
 */
export async function readRemoteTree(
  { gitUrl, gitBranch, gitCredentials, cluster, kustomizations }: HandoverInputs,
  signal: AbortSignal,
): Promise<RemoteTree> {
  return withTempDir(async (directory) => {
    const commit = await clone(gitUrl, gitBranch, directory, signal, gitCredentials);
    const where = `branch ${gitBranch} of ${withoutCredentials(gitUrl)} at ${commit.slice(0, 12)}`;
    const declared = render(directory, cluster, where).kustomizations;
    const known = new Set([rootKustomization, ...declared.map(({ name }) => name)]);
    const missing = kustomizations.filter((name) => !known.has(name));
    if (missing.length > 0) {
      throw new UserError(
        `${where} lacks what this checkout has: Kustomization ${missing.join(', ')}; Flux would never create ` +
          `${missing.length === 1 ? 'it' : 'them'}. Push, or pull until both match (git push origin HEAD:${gitBranch}), ` +
          'then run `pulumi up` again',
      );
    }
    return { commit, awaited: awaitedKustomizations(declared) };
  });
}

function render(directory: string, cluster: string, where: string): RenderedCluster {
  try {
    return renderCluster(directory, cluster, bootstrapKustomizations);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    throw new UserError(
      `${where} cannot be rendered; fix it and push, then run \`pulumi up\` again:\n${error.message}`,
    );
  }
}
