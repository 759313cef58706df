import type { Finding } from '../../gitops/checks/check';
import { applyExemptions, exemptionsFile } from '../../gitops/exemptions';
import { compareFindings, findFindings } from '../../gitops/findings';
import type { Coverage, Tree, TreeCluster } from '../../gitops/tree';
import type { CheckOptions, ValidateResult } from './options';

/**
 * Holds every rule against a tree. A tree that is not of our kind has the general ones only.
 * @param more findings from elsewhere, which EXCEPTIONS.md may also take away
 * @param charts whether charts were looked at
 */
export function judge(
  tree: Tree,
  { clusters, checks, today = isoDay() }: CheckOptions = {},
  more: readonly Finding[] = [],
  charts = false,
): Omit<ValidateResult, 'notChecked' | 'seconds'> {
  const ours = tree.program !== undefined;
  const all = [...findFindings(tree, { checks, general: !ours }), ...more].sort(compareFindings);
  const { kept, exempted } = ours
    ? applyExemptions(all, tree.read(exemptionsFile), today, charts)
    : { kept: all, exempted: 0 };
  const wanted = tree.clusters.filter(({ name }) => clusters === undefined || clusters.includes(name));
  const names = new Set(wanted.map(({ name }) => name));
  return {
    // What reaches no cluster in particular is everybody's.
    findings: kept.filter((one) => one.clusters.length === 0 || one.clusters.some((name) => names.has(name))),
    exempted,
    objects: sum(wanted, ({ objects }) => objects.length),
    kustomizations: sum(wanted, ({ kustomizations }) => kustomizations.length),
    coverage: coverageOf(wanted),
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
