import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Variables of the user's own Helm setup that must not affect ours. */
const foreign = /^(HELM_(?!REGISTRY_CONFIG$)|KUBECONFIG$)/;

/**
 * The environment of a helm process that keeps all its files in `directory`: it neither reads nor writes the user's
 * home, except for registry credentials in HELM_REGISTRY_CONFIG. With a cluster, NO_PROXY includes the host of its API,
 * which our own client never reaches through a proxy either; without one, the kubeconfig is empty.
 */
export async function helmEnvironment(
  directory: string,
  cluster?: { kubeconfigPath: string; server: string },
): Promise<NodeJS.ProcessEnv> {
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
  const folders = { HELM_CACHE_HOME: 'cache', HELM_CONFIG_HOME: 'config', HELM_DATA_HOME: 'data' };
  const homes: Record<string, string> = {};
  for (const [variable, name] of Object.entries(folders)) {
    homes[variable] = join(directory, name);
    await mkdir(join(directory, name), { recursive: true, mode: 0o700 });
  }
  const environment = { ...inherited, ...homes, HELM_DRIVER: 'secret' };
  if (!cluster) {
    const empty = join(directory, 'no-kubeconfig');
    await writeFile(empty, '', { mode: 0o600 });
    return { ...environment, KUBECONFIG: empty };
  }
  const host = new URL(cluster.server).hostname.replace(/^\[|\]$/g, '');
  const noProxy = [inherited.NO_PROXY ?? inherited.no_proxy, host].filter(Boolean).join(',');
  return { ...environment, KUBECONFIG: cluster.kubeconfigPath, NO_PROXY: noProxy, no_proxy: noProxy };
}
