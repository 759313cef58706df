import type { NotChecked } from './checks/check';
import { type Exemption, isAbout } from './exemptions';
import { describeObject } from './kubernetesObject';
import { chartsRule } from './notChecked';
import { type Tree, isComplete } from './tree';

/** Ids of findings that only exist when charts are rendered. */
const chartId = /^chart-(unknown-value|values-invalid|not-rendered|schema-|api-|workload-)/;

/** Whether a row is about an object of a system that no cluster lists: its manifest is in the tree, and nothing renders it. */
function isLeftOut(tree: Tree, row: Exemption): boolean {
  const rendered = tree.clusters.some(({ objects }) =>
    objects.some(({ object }) => isAbout(row, describeObject(object))),
  );
  const [, kind, name] = /^([A-Z]\w*) (?:[^/ ]+\/)?([^/ *]+)$/.exec(row.object) ?? [];
  if (rendered || kind === undefined || name === undefined) return false;
  return tree.files.some((file) => {
    const documents = (tree.read(file) ?? '').split(/^---$/m);
    return documents.some((text) => text.includes(`\nkind: ${kind}\n`) && text.includes(`\n  name: ${name}\n`));
  });
}

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
    if (undecided || isLeftOut(tree, row)) return false;
    return incomplete.every(({ objects }) => objects.some(({ object }) => isAbout(row, describeObject(object))));
  };
}
