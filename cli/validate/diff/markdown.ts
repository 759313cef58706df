import type { ClusterDiff, ObjectDiff } from '../../../gitops/diff/changes';
import { changeLines } from './lines';
import { notComparedText, summaryOf, whereOf } from './print';
import type { DiffResult } from './runDiff';

/** GitHub takes no comment of more than 65,536 characters. */
const longestReport = 60_000;
const longestObject = 8_000;

/**
 * The report as Markdown for a pull request: a heading for clusters on which the same changes, a collapsed part for each
 * object. Ends with a note where it would get too long for a comment.
 */
export function diffMarkdown(result: DiffResult, longest = longestReport): string {
  const blocks = [`### What changes on the clusters\n\nFrom \`${result.ref}\` (${result.commit.slice(0, 7)}).`];
  for (const [names, diff] of grouped(result.clusters)) {
    blocks.push(`#### ${names.map((name) => `\`${name}\``).join(', ')}: ${summaryOf(diff)}`);
    blocks.push(
      ...diff.notCompared.map((one) => `- ${escape(notComparedText(one))}`),
      ...diff.objects.map(objectBlock),
    );
  }
  const rest = result.unchanged.map((name) => `\`${name}\``).join(', ');
  if (rest !== '') blocks.push(`Nothing changes on: ${rest}.`);
  return fitted(blocks, longest, result.ref);
}

/** Clusters with the same changes together. */
function grouped(clusters: readonly ClusterDiff[]): [string[], ClusterDiff][] {
  const groups = new Map<string, [string[], ClusterDiff]>();
  for (const diff of clusters) {
    const { cluster, ...same } = diff;
    const key = JSON.stringify(same);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [[cluster], diff]);
    else group[0].push(cluster);
  }
  return [...groups.values()];
}

function objectBlock(diff: ObjectDiff): string {
  // A line that begins with ! is shown as changed.
  const marks = { '~': '!', '+': '+', '-': '-', ' ': ' ' } as const;
  const lines = diff.values.flatMap(changeLines).map(({ mark, text }) => `${marks[mark]} ${text}`);
  let text = lines.join('\n');
  if (text.length > longestObject) text = `${text.slice(0, longestObject)} …\n  … the rest is not shown`;
  const summary = `<summary>${diff.change}: <code>${escape(diff.object)}</code></summary>`;
  const fence = fenceFor(text);
  return `<details>${summary}\n\n${escape(whereOf(diff))}\n\n${fence}diff\n${text}\n${fence}\n\n</details>`;
}

/** A fence that no line of the text ends. */
function fenceFor(text: string): string {
  const inside = [...text.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length);
  return '`'.repeat(Math.max(2, ...inside) + 1);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function fitted(blocks: readonly string[], longest: number, ref: string): string {
  const whole = blocks.join('\n\n');
  if (whole.length <= longest) return whole;
  const note = `**Not all is shown:** the report would be too long. \`npm run validate -- --diff ${ref}\` prints all of it.`;
  let text = '';
  for (const block of blocks) {
    if (text.length + block.length + note.length + 4 > longest) break;
    text += `${block}\n\n`;
  }
  return text + note;
}
