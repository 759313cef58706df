import type { ClusterDiff, ObjectDiff } from '../../../gitops/diff/changes';
import { changeLines } from './lines';
import { type Signal, severities, signalText } from '../../../gitops/signals/signal';
import type { DiffResult } from './runDiff';

const marks = { added: '+', removed: '-', changed: '~' } as const;

/** The report as plain text for a terminal. */
export function diffPlain(result: DiffResult): string {
  const { clusters, unchanged, signals } = result;
  const lines = [`changes from ${result.ref} (${result.commit.slice(0, 7)}) to the working tree`, ''];
  if (signals.length > 0) lines.push(`signals: ${signalCounts(signals)}`, ...signals.flatMap(signalLines), '');
  const unknown = unknownTexts(result);
  if (unknown.length > 0) lines.push('could not tell:', ...unknown.map((text) => `  ? ${text}`), '');
  for (const diff of clusters) lines.push(`${diff.cluster}: ${summaryOf(diff)}`, ...clusterLines(diff), '');
  if (unchanged.length > 0) lines.push(`no changes on: ${unchanged.join(', ')}`);
  const hint = notRenderedText(result);
  if (hint !== undefined) lines.push(hint);
  return lines.join('\n').trimEnd();
}

function clusterLines({ objects }: ClusterDiff): string[] {
  return objects.flatMap((diff) => [`  ${marks[diff.change]} ${diff.object}  (${whereOf(diff)})`, ...valueLines(diff)]);
}

function signalLines(signal: Signal): string[] {
  const { severity, id, clusters, file, line } = signal;
  return [`  ${severity} ${id} (${clusters.join(', ')})  ${file}:${line}`, `      ${signalText(signal)}`];
}

/** `2 dangers, one note`. */
export function signalCounts(signals: readonly Signal[]): string {
  return severities
    .flatMap((severity) => {
      const number = signals.filter((signal) => signal.severity === severity).length;
      return number === 0 ? [] : [`${number} ${severity}${number === 1 ? '' : 's'}`];
    })
    .join(', ');
}

/** What a result could not tell, each with its reason. */
export function unknownTexts({ clusters, charts }: DiffResult): string[] {
  return [
    ...clusters.flatMap(({ cluster, notCompared }) =>
      notCompared.map((entry) => `${cluster}: ${notComparedText(entry)}`),
    ),
    ...charts.unknown.map(({ cluster, release, reason }) => `${cluster}: ${release}: ${reason}`),
  ];
}

/** That charts were left out, if that leaves something out; undefined if not. */
export function notRenderedText({ charts: { notRendered } }: DiffResult): string | undefined {
  if (notRendered.length === 0) return undefined;
  const [first, ...rest] = notRendered;
  const names = rest.length === 0 ? first : `${first} and ${rest.length} more`;
  return `not shown: what changes inside the chart of ${names}; add --charts`;
}

function valueLines({ change, values }: ObjectDiff): string[] {
  // For a removed object the name is enough.
  if (change === 'removed') return [];
  return values.flatMap((value) => changeLines(value).map(({ mark, text }) => `      ${mark} ${text}`));
}

/** Which Kustomization applies an object, and the file that defines it. */
export function whereOf({ kustomization, release, file }: ObjectDiff): string {
  const chart = release === undefined ? '' : `chart of HelmRelease ${release}, `;
  return `${chart}Kustomization ${kustomization}, ${file}`;
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
function notComparedText({ kustomization, side }: ClusterDiff['notCompared'][number]): string {
  const when = side === 'before' ? 'could not be rendered before' : 'cannot be rendered now';
  return `Kustomization ${kustomization} ${when}: its changes are unknown`;
}
