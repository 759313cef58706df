import { readStoredRelease } from '../../../clients/helm/storedRelease';
import type { ApiResources } from '../../../clients/kubernetes/apiResources';
import type { KubernetesClient } from '../../../clients/kubernetes/client';
import {
  ignoredPointers,
  manifestObjects,
  newestOf,
  withHelmMetadata,
  withoutPointers,
} from '../../../gitops/drift/releases';
import { type KubernetesObject, textOf, valueAt } from '../../../gitops/kubernetesObject';
import type { Wanted } from './compareObject';

/** What identifies the release of a HelmRelease. */
export function releaseKey(helmRelease: KubernetesObject): { name: string; storageNamespace: string } {
  const { name, namespace = '' } = helmRelease.metadata;
  const target = textOf(valueAt(helmRelease, 'spec', 'targetNamespace'));
  const made = target === '' ? name : `${target}-${name}`;
  return {
    name: textOf(valueAt(helmRelease, 'spec', 'releaseName'), made),
    storageNamespace: textOf(
      valueAt(helmRelease, 'status', 'storageNamespace'),
      textOf(valueAt(helmRelease, 'spec', 'storageNamespace'), namespace),
    ),
  };
}

/**
 * The objects of a HelmRelease as helm-controller wants them: those of the manifest that Helm stored with the revision that Flux
 * installed last, marked as Helm marks them. Hooks are not in it, and what the HelmRelease's drift detection ignores is left out.
 * @returns undefined if Helm has no such record
 * @throws Error if the record cannot be read
 */
export async function releaseObjects(
  helmRelease: KubernetesObject,
  api: KubernetesClient,
  resources: ApiResources,
): Promise<Wanted[] | undefined> {
  const newest = newestOf(helmRelease);
  if (newest === undefined) return undefined;
  const stored = await readStoredRelease(api, { ...releaseKey(helmRelease), version: newest.version });
  if (stored === undefined) return undefined;
  const wanted: Wanted[] = [];
  for (const found of manifestObjects(stored.manifest)) {
    const object = withHelmMetadata(found, stored);
    const pointers = ignoredPointers(helmRelease, object);
    if (pointers.includes('')) continue;
    if (object.metadata.namespace === undefined && (await resources.find(object.apiVersion, object.kind))?.namespaced) {
      object.metadata.namespace = stored.namespace;
    }
    wanted.push({
      object,
      owner: 'helm-controller',
      secrets: [],
      onlyPresence: false,
      ...(pointers.length > 0 && { without: (one: KubernetesObject) => withoutPointers(one, pointers) }),
    });
  }
  return wanted;
}
