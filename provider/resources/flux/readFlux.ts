import type { KubernetesClient } from '../../../clients/kubernetes/client';
import type { ConditionedObject } from '../../../clients/kubernetes/objects';
import { notReadyReason, type FluxKustomization, type FluxSnapshot, type NotReady } from './evaluateHandover';

/** Reads the Flux objects that the handover depends on. */
export async function readFlux(api: KubernetesClient, namespace: string): Promise<FluxSnapshot> {
  const path = (group: string, kind: string) => `/apis/${group}/namespaces/${namespace}/${kind}`;
  const [operator, instance, source, kustomizations, helmReleases] = await Promise.all([
    api.get<NonNullable<FluxSnapshot['operator']>>(`${path('apps/v1', 'deployments')}/flux-operator`),
    api.get<ConditionedObject>(`${path('fluxcd.controlplane.io/v1', 'fluxinstances')}/flux`),
    api.get<NonNullable<FluxSnapshot['source']>>(
      `${path('source.toolkit.fluxcd.io/v1', 'gitrepositories')}/${namespace}`,
    ),
    api.list<FluxKustomization>(path('kustomize.toolkit.fluxcd.io/v1', 'kustomizations')),
    api.list<ConditionedObject>(helmReleasesPath),
  ]);
  return { operator, instance, source, kustomizations, helmReleases };
}

const helmReleasesPath = '/apis/helm.toolkit.fluxcd.io/v2/helmreleases';

/** HelmReleases in all namespaces that are not ready, with the reason that helm-controller reports; sorted. */
export async function notReadyHelmReleases(api: KubernetesClient): Promise<NotReady[]> {
  const releases = await api.list<ConditionedObject>(helmReleasesPath);
  return releases
    .flatMap((release) => {
      const why = notReadyReason(release);
      const what = `HelmRelease ${release.metadata.namespace}/${release.metadata.name}`;
      return why === undefined ? [] : [{ what, why }];
    })
    .sort((a, b) => a.what.localeCompare(b.what));
}
