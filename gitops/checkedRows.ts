import type { NotChecked } from './checks/check';
import { type Exemption, isAbout } from './exemptions';
import { describeObject } from './kubernetesObject';
import { chartsRule } from './notChecked';
import { type Tree, isComplete } from './tree';

/** Ids of findings that only exist when charts are rendered. */
const chartId = /^chart-(unknown-value|values-invalid|not-rendered|schema-|api-|workload-)/;

/**
 * Tells whether a run checked what a row of EXCEPTIONS.md is about: its rule ran, did not say that it could not decide, and
 * the row's object was rendered. Otherwise the finding that the row exempts may be there, unseen.
 * @param charts whether charts were rendered
 */
export function checkedRows(
  tree: Tree,
  notChecked: readonly NotChecked[],
  charts: boolean,
): (row: Exemption) => boolean {
  const incomplete = tree.clusters.filter((cluster) => !isComplete(cluster));
  const wholeClusters = new Set(tree.clusters.map(({ name }) => `cluster ${name}`));
  return (row) => {
    const ofCharts = chartId.test(row.id);
    if (ofCharts && !charts) return false;
    const undecided = notChecked
      .filter(({ rule }) => rule === (ofCharts ? chartsRule : row.id))
      .some(({ object }) => wholeClusters.has(object) || isAbout(row, object));
    if (undecided) return false;
    return incomplete.every(({ objects }) => objects.some(({ object }) => isAbout(row, describeObject(object))));
  };
}
