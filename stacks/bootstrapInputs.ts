import type { BootstrapInputs, CrdSource, ReleaseInput } from '../cluster/bootstrapInputs';
import { coreReleases, crdKustomizations, fluxNamespace, initialKustomizations } from '../cluster/bootstrapOrder';
import { readGitSource } from '../gitops/gitSource';
import { readRelease } from '../gitops/helmRelease';
import type { RenderedCluster } from '../gitops/render';

/** What the bootstrap takes from the rendered tree: the very releases that Flux will own. */
export function bootstrapInputs(rendered: RenderedCluster): BootstrapInputs {
  const names = rendered.kustomizations
    .filter((kustomization) => kustomization.namespace === fluxNamespace)
    .map((kustomization) => kustomization.name);
  return {
    crds: crdKustomizations.map(({ kind, name }): CrdSource => {
      if (kind === 'git') return { kind, name, ...readGitSource(rendered, name) };
      const { name: releaseName, namespace: releaseNamespace, chartUrl, version, values } = release(rendered, name);
      return { kind, name, releaseName, releaseNamespace, chartUrl, version, values };
    }),
    releases: coreReleases.map((name) => release(rendered, name)),
    kustomizations: initialKustomizations(names),
  };
}

function release(rendered: RenderedCluster, kustomization: string): ReleaseInput {
  const spec = readRelease(rendered, kustomization);
  return {
    name: spec.releaseName,
    namespace: spec.namespace,
    storageNamespace: spec.storageNamespace,
    chartUrl: spec.chart.url,
    version: spec.chart.version,
    values: JSON.stringify(spec.values),
    timeoutSeconds: spec.timeoutSeconds,
  };
}
