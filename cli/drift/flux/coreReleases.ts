import type { BootstrapInputs } from '../../../cluster/bootstrapInputs';
import type { KubernetesObject } from '../../../gitops/kubernetesObject';
import { releaseKey } from '../kubernetes/releaseObjects';

/** The releases that the bootstrap installs first, as `storageNamespace/name`. */
export function coreReleaseKeys({ stages }: BootstrapInputs): Set<string> {
  return new Set(stages.flat().map(({ storageNamespace, name }) => `${storageNamespace}/${name}`));
}

/** Whether a HelmRelease is of such a release. */
export function isCoreRelease(helmRelease: KubernetesObject, core: ReadonlySet<string>): boolean {
  const { storageNamespace, name } = releaseKey(helmRelease);
  return core.has(`${storageNamespace}/${name}`);
}
