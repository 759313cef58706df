import type { Finding } from '../../gitops/checks/check';
import { applyExemptions, exemptionsFile } from '../../gitops/exemptions';
import { compareFindings, collectFindings } from '../../gitops/findings';
import type { Coverage, Tree, TreeCluster } from '../../gitops/tree';
import type { CheckOptions, ValidateResult } from './options';

/**
 * Runs every rule on a tree and applies EXCEPTIONS.md. A foreign repository gets the general rules only.
 * @param extraFindings findings of other checks, which EXCEPTIONS.md may exempt too
 * @param chartsChecked whether charts were checked; if not, exemptions for charts cannot be stale
 */
export function checkTree(
  tree: Tree,
  { clusters, checks, today = isoDay() }: CheckOptions = {},
  extraFindings: readonly Finding[] = [],
  chartsChecked = false,
): Omit<ValidateResult, 'notChecked' | 'seconds'> {
  const ours = tree.program !== undefined;
  const all = [...collectFindings(tree, { checks, general: !ours }), ...extraFindings].sort(compareFindings);
  const { kept, exempted } = ours
    ? applyExemptions(all, tree.read(exemptionsFile), today, chartsChecked)
    : { kept: all, exempted: 0 };
  const selected = tree.clusters.filter(({ name }) => clusters === undefined || clusters.includes(name));
  const names = new Set(selected.map(({ name }) => name));
  return {
    // A finding without clusters applies to all of them.
    findings: kept.filter(
      (finding) => finding.clusters.length === 0 || finding.clusters.some((name) => names.has(name)),
    ),
    exempted,
    objects: sum(selected, ({ objects }) => objects.length),
    kustomizations: sum(selected, ({ kustomizations }) => kustomizations.length),
    coverage: coverageOf(selected),
  };
}

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
