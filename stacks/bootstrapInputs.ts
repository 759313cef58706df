import type { BootstrapInputs, CrdSource, ReleaseInput } from '../cluster/bootstrapInputs';
import { awaitedKustomizations } from '../cluster/awaitedKustomizations';
import { coreStages, crdKustomizations } from '../cluster/bootstrapOrder';
import { readGitSource } from '../gitops/gitSource';
import { readRelease } from '../gitops/helmRelease';
import { type Json, valueAt } from '../gitops/kubernetesObject';
import { Problems } from '../gitops/manifestError';
import type { RenderedCluster } from '../gitops/render/renderCluster';

/**
 * The bootstrap's inputs from the rendered tree: the same releases that Flux will own. Throws one `ManifestError` that
 * lists everything missing.
 */
export function bootstrapInputs(rendered: RenderedCluster): BootstrapInputs {
  const problems = new Problems();
  const crds = crdKustomizations.flatMap(
    ({ kind, name }) => problems.collect(() => crdSource(rendered, kind, name)) ?? [],
  );
  const stages = coreStages.map((names) =>
    names.flatMap((name) => problems.collect(() => release(rendered, name)) ?? []),
  );
  problems.throwIfAny();
  const instance = stages.flat().find(({ name }) => name === fluxInstanceRelease);
  const gitPullSecret = instance === undefined ? undefined : pullSecretOf(instance);
  return {
    crds,
    stages,
    ...(gitPullSecret !== undefined && { gitPullSecret }),
    kustomizations: awaitedKustomizations(rendered.kustomizations).names,
  };
}

/** The release with the FluxInstance. */
const fluxInstanceRelease = 'flux-instance';

function pullSecretOf({ values }: ReleaseInput): string | undefined {
  const name = valueAt(JSON.parse(values) as Json, 'instance', 'sync', 'pullSecret');
  return typeof name === 'string' && name !== '' ? name : undefined;
}

function crdSource(rendered: RenderedCluster, kind: CrdSource['kind'], name: string): CrdSource {
  if (kind === 'git') return { kind, name, ...readGitSource(rendered, name) };
  const {
    name: releaseName,
    namespace: releaseNamespace,
    chartUrl,
    version,
    signedBy,
    values,
  } = release(rendered, name);
  const signers = signedBy === undefined ? {} : { signedBy };
  return { kind, name, releaseName, releaseNamespace, chartUrl, version, ...signers, values };
}

function release(rendered: RenderedCluster, kustomization: string): ReleaseInput {
  const spec = readRelease(rendered, kustomization);
  return {
    name: spec.releaseName,
    namespace: spec.namespace,
    storageNamespace: spec.storageNamespace,
    chartUrl: spec.chart.url,
    version: spec.chart.version,
    ...(spec.chart.signedBy === undefined ? {} : { signedBy: spec.chart.signedBy }),
    values: JSON.stringify(spec.values),
    timeoutSeconds: spec.timeoutSeconds,
    wait: spec.wait,
  };
}
