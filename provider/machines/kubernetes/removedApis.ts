import type { KubernetesClient } from '../../../clients/kubernetes/client';
import type { RemovedApi } from '../../../cluster/rollout/kubernetesUpgrade';

/**
 * The deprecated APIs that clients asked this API server for since it started, with the release that removes them. Only it
 * knows: objects are stored without the version in which a client reads and writes them.
 */
export async function requestedDeprecatedApis(api: KubernetesClient): Promise<RemovedApi[]> {
  return deprecatedApisIn(await api.text('/metrics'));
}

/** Reads them from the metrics of an API server (Prometheus text). */
export function deprecatedApisIn(metrics: string): RemovedApi[] {
  const found = [...metrics.matchAll(/^apiserver_requested_deprecated_apis\{(.*)\} 1$/gm)].flatMap(
    ([, labels = '']) => {
      const label = (name: string) => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? '';
      const removedIn = label('removed_release');
      const api = [label('resource'), label('version'), label('group')].filter((part) => part !== '').join('.');
      return removedIn === '' ? [] : [{ api, removedIn }];
    },
  );
  return [...new Map(found.map((entry) => [entry.api, entry])).values()];
}
