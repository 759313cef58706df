import { compatibility, rangeText } from '../gitops/compatibility';
import type { CheckedCluster } from './checkedCluster';
import { type Problem, show } from './problems';

/** Checks the versions of Talos and Kubernetes, which the program installs. The other pairs are rules of the tree. */
export function versionProblems({ settings: { talosVersion, kubernetesVersion } }: CheckedCluster): Problem[] {
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
