import type { ClusterDiff, ObjectDiff } from '../../../gitops/diff/changes';
import { changeLines } from './lines';
import { notComparedText, summaryOf, whereOf } from './print';
import type { DiffResult } from './runDiff';

/** GitHub limits a comment to 65,536 characters. */
const maxReport = 60_000;
const maxObject = 8_000;

/**
 * The report as Markdown for a pull request: one heading for clusters with the same changes, one collapsed section per
 * object. Ends with a note if it is cut to fit into a comment.
 */
export function diffMarkdown(result: DiffResult, maxLength = maxReport): string {
  const blocks = [`### What changes on the clusters\n\nFrom \`${result.ref}\` (${result.commit.slice(0, 7)}).`];
  for (const [names, diff] of grouped(result.clusters)) {
    blocks.push(`#### ${names.map((name) => `\`${name}\``).join(', ')}: ${summaryOf(diff)}`);
    blocks.push(
      ...diff.notCompared.map((kustomization) => `- ${escape(notComparedText(kustomization))}`),
      ...diff.objects.map(objectBlock),
    );
  }
  const unchanged = result.unchanged.map((name) => `\`${name}\``).join(', ');
  if (unchanged !== '') blocks.push(`No changes on: ${unchanged}.`);
  return truncated(blocks, maxLength, result.ref);
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

function objectBlock(diff: ObjectDiff): string {
  // GitHub highlights a diff line that starts with `!` as changed.
  const marks = { '~': '!', '+': '+', '-': '-', ' ': ' ' } as const;
  const lines = diff.values.flatMap(changeLines).map(({ mark, text }) => `${marks[mark]} ${text}`);
  let text = lines.join('\n');
  if (text.length > maxObject) text = `${text.slice(0, maxObject)} …\n  … truncated`;
  const summary = `<summary>${diff.change}: <code>${escape(diff.object)}</code></summary>`;
  const fence = fenceFor(text);
  return `<details>${summary}\n\n${escape(whereOf(diff))}\n\n${fence}diff\n${text}\n${fence}\n\n</details>`;
}

/** A code fence longer than any in the text. */
function fenceFor(text: string): string {
  const lengths = [...text.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length);
  return '`'.repeat(Math.max(2, ...lengths) + 1);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function truncated(blocks: readonly string[], maxLength: number, ref: string): string {
  const all = blocks.join('\n\n');
  if (all.length <= maxLength) return all;
  const note = `**Truncated:** the report is too long for a comment. \`npm run validate -- --diff ${ref}\` prints all of it.`;
  let text = '';
  for (const block of blocks) {
    if (text.length + block.length + note.length + 4 > maxLength) break;
    text += `${block}\n\n`;
  }
  return text + note;
}
