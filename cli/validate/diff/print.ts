import type { ClusterDiff, ObjectDiff } from '../../../gitops/diff/changes';
import { changeLines } from './lines';
import type { DiffResult } from './runDiff';

const marks = { added: '+', removed: '-', changed: '~' } as const;

/** A report of what would change, for a terminal. */
export function diffPlain(result: DiffResult): string {
  const { clusters, unchanged } = result;
  const lines = [`what changes from ${result.ref} (${result.commit.slice(0, 7)}) to the files as they are`, ''];
  for (const diff of clusters) lines.push(`${diff.cluster}: ${summaryOf(diff)}`, ...clusterLines(diff), '');
  if (unchanged.length > 0) lines.push(`nothing changes on: ${unchanged.join(', ')}`);
  return lines.join('\n').trimEnd();
}

function clusterLines({ objects, notCompared }: ClusterDiff): string[] {
  return [
    ...notCompared.map((one) => `  ? ${notComparedText(one)}`),
    ...objects.flatMap((diff) => [`  ${marks[diff.change]} ${diff.object}  (${whereOf(diff)})`, ...valueLines(diff)]),
  ];
}

function valueLines({ change, values }: ObjectDiff): string[] {
  // What went needs no listing: its name says it.
  if (change === 'removed') return [];
  return values.flatMap((value) => changeLines(value).map(({ mark, text }) => `      ${mark} ${text}`));
}

/** What applies an object, and where it is written. */
export function whereOf({ kustomization, file }: ObjectDiff): string {
  return `Kustomization ${kustomization}, ${file}`;
}

/** How many objects of a cluster are added, changed and removed. */
export function summaryOf({ change, objects }: ClusterDiff): string {
  const count = (kind: ObjectDiff['change']): number => objects.filter((one) => one.change === kind).length;
  const counts = (['changed', 'added', 'removed'] as const).flatMap((kind) => {
    const number = count(kind);
    return number === 0 ? [] : [`${number} ${kind}`];
  });
  const cluster = change === 'changed' ? [] : [`the cluster is ${change === 'added' ? 'new' : 'gone'}`];
  return [...cluster, ...(counts.length === 0 ? ['no object known to change'] : counts)].join(', ');
}

/** Why a Kustomization is not in a comparison. */
export function notComparedText({ kustomization, side }: ClusterDiff['notCompared'][number]): string {
  const when = side === 'before' ? 'could not be rendered before' : 'cannot be rendered now';
  return `Kustomization ${kustomization} ${when}: what changes in it is not known`;
}
