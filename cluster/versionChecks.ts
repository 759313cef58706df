import { compatibility, rangeText } from '../gitops/compatibility';
import { isAtLeast } from '../gitops/version';
import type { CheckedCluster } from './checkedCluster';
import { type Problem, show } from './problems';

/** Checks the versions of Talos and Kubernetes, which the program installs. The other pairs are rules of the tree. */
export function versionProblems(cluster: CheckedCluster): Problem[] {
  return [...kubernetesProblems(cluster), ...formatProblems(cluster)];
}

/** A newer Talos reads the format of an older one, but not the reverse. */
function formatProblems({ config: { talosConfigVersion }, at, settings: { talosVersion } }: CheckedCluster): Problem[] {
  if (talosConfigVersion === undefined || talosVersion === undefined) return [];
  if (isAtLeast(talosVersion.value, talosConfigVersion)) return [];
  return [
    {
      where: at('talosConfigVersion'),
      found: show(talosConfigVersion),
      expected: `at most the version of Talos, ${talosVersion.label} ${talosVersion.value}, which reads no newer format`,
      fix: `lower it, or raise ${talosVersion.label} first`,
    },
  ];
}

function kubernetesProblems({ settings: { talosVersion, kubernetesVersion } }: CheckedCluster): Problem[] {
  if (talosVersion === undefined || kubernetesVersion === undefined) return [];
  const found = compatibility('Talos', talosVersion.value, 'Kubernetes', kubernetesVersion.value);
  if (found.state !== 'outside') return [];
  return [
    {
      where: kubernetesVersion.place,
      found: show(kubernetesVersion.value),
      expected: `${rangeText(found.row)}, because Talos ${talosVersion.value} refuses any other Kubernetes`,
      fix: `correct it, or ${talosVersion.label}`,
    },
  ];
}
