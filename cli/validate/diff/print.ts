import type { ClusterDiff, ObjectDiff } from '../../../gitops/diff/changes';
import { changeLines } from './lines';
import type { DiffResult } from './runDiff';

const marks = { added: '+', removed: '-', changed: '~' } as const;

/** The report as plain text for a terminal. */
export function diffPlain(result: DiffResult): string {
  const { clusters, unchanged } = result;
  const lines = [`changes from ${result.ref} (${result.commit.slice(0, 7)}) to the working tree`, ''];
  for (const diff of clusters) lines.push(`${diff.cluster}: ${summaryOf(diff)}`, ...clusterLines(diff), '');
  if (unchanged.length > 0) lines.push(`no changes on: ${unchanged.join(', ')}`);
  return lines.join('\n').trimEnd();
}

function clusterLines({ objects, notCompared }: ClusterDiff): string[] {
  return [
    ...notCompared.map((kustomization) => `  ? ${notComparedText(kustomization)}`),
    ...objects.flatMap((diff) => [`  ${marks[diff.change]} ${diff.object}  (${whereOf(diff)})`, ...valueLines(diff)]),
  ];
}

function valueLines({ change, values }: ObjectDiff): string[] {
  // For a removed object the name is enough.
  if (change === 'removed') return [];
  return values.flatMap((value) => changeLines(value).map(({ mark, text }) => `      ${mark} ${text}`));
}

/** Which Kustomization applies an object, and the file that defines it. */
export function whereOf({ kustomization, file }: ObjectDiff): string {
  return `Kustomization ${kustomization}, ${file}`;
}

/** Counts of the objects of a cluster that are changed, added and removed. */
export function summaryOf({ change, objects }: ClusterDiff): string {
  const count = (kind: ObjectDiff['change']): number => objects.filter((object) => object.change === kind).length;
  const counts = (['changed', 'added', 'removed'] as const).flatMap((kind) => {
    const number = count(kind);
    return number === 0 ? [] : [`${number} ${kind}`];
  });
  const cluster = change === 'changed' ? [] : [`the cluster is ${change === 'added' ? 'new' : 'gone'}`];
  return [...cluster, ...(counts.length === 0 ? ['no object known to change'] : counts)].join(', ');
}

/** Why a Kustomization was not compared. */
export function notComparedText({ kustomization, side }: ClusterDiff['notCompared'][number]): string {
  const when = side === 'before' ? 'could not be rendered before' : 'cannot be rendered now';
  return `Kustomization ${kustomization} ${when}: its changes are unknown`;
}
