import type { ClusterDiff, ObjectDiff } from '../../../gitops/diff/changes';
import { type Signal, severities } from '../../../gitops/signals/signal';
import { changeLines } from './lines';
import { changeTable } from './changeTable';
import { notRenderedText, signalCounts, summaryOf, unknownTexts, whereOf } from './print';
import type { DiffResult } from './runDiff';
import { escapeHtml, fenced } from '../../markdownText';

/** GitHub limits a comment to 65,536 characters; this leaves room for what others add. */
const maxReport = 60_000;
const maxObject = 8_000;
/** Notes beyond these are folded. */
const maxNotes = 3;

/** A part of the report, in the order in which parts are left out: the last one first. */
interface Part {
  text: string;
  /** What it is, for the sentence about what was left out; several of a kind are counted. Absent: never left out alone. */
  kind?: 'signal' | 'row' | 'diff';
}

/**
 * The report as Markdown for a pull request, at most `maxLength` characters long: signals, the worst first, what could not be
 * told, a table by Kustomization, and one folded diff for each object; clusters with the same changes together. What does
 * not fit is counted at the end, with the command that shows it: diffs go before rows of the table, and these before signals.
 */
export function diffMarkdown(result: DiffResult, maxLength = maxReport): string {
  const groups = grouped(result.clusters);
  const parts: Part[] = [
    { text: headline(result) },
    ...signalParts(result.signals),
    ...unknownParts(result),
    ...changeTable(groups, result.images).map((text, index): Part => (index === 0 ? { text } : { text, kind: 'row' })),
    ...groups.flatMap(([names, diff]) => diffParts(names, diff)),
    ...lastParts(result),
  ];
  return fitted(parts, maxLength, result.ref);
}

function headline({ ref, commit, clusters, unchanged }: DiffResult): string {
  const changed = clusters.map((diff) => `${code(diff.cluster)} ${summaryOf(diff)}`);
  const same = unchanged.length === 0 ? [] : [`nothing on ${unchanged.map(code).join(', ')}`];
  return `### What changes on the clusters\n\nFrom ${code(ref)} (${commit.slice(0, 7)}): ${[...changed, ...same].join('; ')}.`;
}

function signalParts(signals: readonly Signal[]): Part[] {
  if (signals.length === 0) return [{ text: '\n\n**Signals:** none.' }];
  const parts: Part[] = [{ text: `\n\n**Signals:** ${signalCounts(signals)}\n` }];
  for (const severity of severities) {
    const own = signals.filter((signal) => signal.severity === severity);
    const folds = severity === 'note' && own.length > maxNotes;
    if (folds) parts.push({ text: `\n\n<details><summary>${own.length} notes</summary>\n` });
    for (const group of bySharedReason(own)) parts.push(...groupParts(group));
    if (folds) parts.push({ text: '\n\n</details>' });
  }
  return parts;
}

/** Signals of one rule with the same reason and advice, in the order of the first of each. */
function bySharedReason(signals: readonly Signal[]): Signal[][] {
  const groups = new Map<string, Signal[]>();
  for (const signal of signals) {
    const key = [signal.id, signal.why, signal.todo].join('\n');
    groups.set(key, [...(groups.get(key) ?? []), signal]);
  }
  return [...groups.values()];
}

function groupParts(group: readonly Signal[]): Part[] {
  const [first, ...others] = group;
  if (first === undefined) return [];
  const { severity, id, why, todo } = first;
  const rule = `\n- **${severity}** ${code(id)}`;
  const objectOf = ({ object, release }: Signal): string =>
    `**${escapeHtml(object)}**${release === undefined ? '' : ` (chart of ${escapeHtml(release)})`}`;
  const place = ({ file, line }: Signal): string => `<sub>${escapeHtml(file)}:${line}</sub>`;
  const on = ({ clusters }: Signal): string => `on ${clusters.map(code).join(', ')}`;
  if (others.length === 0) {
    const text = `${rule} ${on(first)}: ${objectOf(first)} ${escapeHtml(`${first.what}; ${why}; ${todo}.`)} ${place(first)}`;
    return [{ text, kind: 'signal' }];
  }
  return [
    { text: `${rule}: ${escapeHtml(`${why}; ${todo}.`)}` },
    ...group.map((signal): Part => {
      const text = `\n  - ${objectOf(signal)} ${on(signal)}: ${escapeHtml(signal.what)} ${place(signal)}`;
      return { text, kind: 'signal' };
    }),
  ];
}

function unknownParts(result: DiffResult): Part[] {
  const texts = unknownTexts(result);
  if (texts.length === 0) return [];
  const list = texts.map((text): Part => ({ text: `\n- ${escapeHtml(text)}`, kind: 'signal' }));
  return [{ text: '\n\n**Could not tell:**\n' }, ...list];
}

/** Groups clusters that have the same changes. */
function grouped(clusters: readonly ClusterDiff[]): [string[], ClusterDiff][] {
  const groups = new Map<string, [string[], ClusterDiff]>();
  for (const diff of clusters) {
    const { cluster, ...changes } = diff;
    const key = JSON.stringify(changes);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [[cluster], diff]);
    else group[0].push(cluster);
  }
  return [...groups.values()];
}

function diffParts(names: readonly string[], { objects }: ClusterDiff): Part[] {
  if (objects.length === 0) return [];
  const heading: Part = { text: `\n\n#### ${names.map(code).join(', ')}` };
  return [heading, ...objects.map((diff): Part => ({ text: `\n\n${objectBlock(diff)}`, kind: 'diff' }))];
}

function objectBlock(diff: ObjectDiff): string {
  // GitHub highlights a diff line that starts with `!` as changed.
  const marks = { '~': '!', '+': '+', '-': '-', ' ': ' ' } as const;
  const lines = diff.values.flatMap(changeLines).map(({ mark, text }) => `${marks[mark]} ${text}`);
  let text = lines.join('\n');
  if (text.length > maxObject) text = `${text.slice(0, maxObject)} …\n  … truncated`;
  const summary = `<summary>${diff.change}: <code>${escapeHtml(diff.object)}</code></summary>`;
  return `<details>${summary}\n\n${escapeHtml(whereOf(diff))}\n\n${fenced('diff', text)}\n\n</details>`;
}

function lastParts(result: DiffResult): Part[] {
  const hint = notRenderedText(result);
  return hint === undefined ? [] : [{ text: `\n\n${escapeHtml(`${hint[0]?.toUpperCase() ?? ''}${hint.slice(1)}`)}.` }];
}

function code(text: string): string {
  return `\`${text}\``;
}

const leftOut = { diff: 'diff', row: 'row of the table', signal: 'signal' } as const;

/** The parts that fit, and what does not. */
function fitted(parts: readonly Part[], maxLength: number, ref: string): string {
  const lengthOf = (list: readonly Part[]): number => list.reduce((sum, { text }) => sum + text.length, 0);
  const kept = [...parts];
  const cut: Record<keyof typeof leftOut, number> = { diff: 0, row: 0, signal: 0 };
  for (const kind of ['diff', 'row', 'signal'] as const) {
    let length = lengthOf(kept);
    for (let at = kept.length - 1; at >= 0 && length + note(cut, ref).length > maxLength; at -= 1) {
      const part = kept[at];
      if (part?.kind !== kind) continue;
      kept.splice(at, 1);
      length -= part.text.length;
      cut[kind] += 1;
    }
  }
  const text = kept.map((part) => part.text).join('') + note(cut, ref);
  return text.length <= maxLength ? text : text.slice(0, maxLength);
}

function note(cut: Record<keyof typeof leftOut, number>, ref: string): string {
  const kinds = (['signal', 'row', 'diff'] as const).flatMap((kind) => {
    const number = cut[kind];
    const [first = '', ...rest] = leftOut[kind].split(' ');
    return number === 0 ? [] : [`${number} ${[`${first}${number === 1 ? '' : 's'}`, ...rest].join(' ')}`];
  });
  if (kinds.length === 0) return '';
  return `\n\n**Left out for length:** ${kinds.join(', ')}. \`npm run validate -- --diff ${ref}\` prints all of it.`;
}
