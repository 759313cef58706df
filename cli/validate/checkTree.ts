import { oneForEachCause } from '../../gitops/causes';
import { applyExemptions, exemptionsFile } from '../../gitops/exemptions';
import { countVolumes, volumeWithoutBackup } from '../../gitops/checks/volumes';
import { compareFindings, collectFindings } from '../../gitops/findings';
import { checkedRows } from '../../gitops/checkedRows';
import type { Coverage, Tree, TreeCluster } from '../../gitops/tree';
import type { Finding } from '../../gitops/checks/check';
import type { CheckOptions, ExtraChecks, ValidateResult } from './options';

/**
 * Runs every rule on a tree and applies EXCEPTIONS.md. A foreign repository gets the general rules only.
 * @param extra what other checks found, which EXCEPTIONS.md may exempt too, and did not check
 */
export function checkTree(
  tree: Tree,
  { clusters, checks, today = isoDay() }: CheckOptions = {},
  extra: ExtraChecks = { findings: [], notChecked: [] },
): Omit<ValidateResult, 'seconds'> {
  const ours = tree.program !== undefined;
  const { findings, notChecked, places } = collectFindings(tree, { checks, general: !ours });
  const all = [...findings, ...extra.findings].sort(compareFindings);
  const allNotChecked = [...notChecked, ...extra.notChecked];
  const { kept, exempted } = ours
    ? applyExemptions(all, tree.read(exemptionsFile), today, checkedRows(tree, allNotChecked, extra.charts ?? false))
    : { kept: all, exempted: 0 };
  const selected = tree.clusters.filter(({ name }) => clusters === undefined || clusters.includes(name));
  const names = new Set(selected.map(({ name }) => name));
  // Without clusters it is about all of them.
  const isSelected = (entry: { clusters: string[] }): boolean =>
    entry.clusters.length === 0 || entry.clusters.some((name) => names.has(name));
  return {
    findings: oneForEachCause(kept.filter(isSelected)),
    exempted,
    objects: sum(selected, ({ objects }) => objects.length),
    kustomizations: sum(selected, ({ kustomizations }) => kustomizations.length),
    coverage: coverageOf(selected),
    notChecked: allNotChecked.filter(isSelected),
    places,
    volumes: { ...countVolumes(tree), exempt: ofVolumes(all) - ofVolumes(kept) },
  };
}

const ofVolumes = (findings: readonly Finding[]): number =>
  findings.filter(({ id }) => id === volumeWithoutBackup.id).length;

function coverageOf(clusters: readonly TreeCluster[]): Coverage {
  return {
    checked: sum(clusters, ({ coverage }) => coverage.checked),
    total: sum(clusters, ({ coverage }) => coverage.total),
    kindsWithout: [...new Set(clusters.flatMap(({ coverage }) => coverage.kindsWithout))].sort(),
  };
}

function sum(clusters: readonly TreeCluster[], count: (cluster: TreeCluster) => number): number {
  return clusters.reduce((total, cluster) => total + count(cluster), 0);
}

function isoDay(): string {
  return new Date().toISOString().slice(0, 10);
}
