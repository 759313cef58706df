import { escapeHtml, fenced, fitted, halfComment } from '../../markdownText';
import type { PlanDiff } from './planDiff';
import type { PlanDiffResult } from './runPlanDiff';
import { kubernetesText, machineLines, releaseLines, resourceLine, stackSummary } from './text';

/** At most this many characters of one machine or release are shown. */
const maxItem = 6_000;

/**
 * The difference as Markdown for a pull request: a line per machine, release and resource that something happens to, the fields
 * folded. What Flux changes is counted only: the review of the rendered tree shows it. Ends with a note if it is cut.
 */
export function planDiffMarkdown(result: PlanDiffResult, maxLength = halfComment): string {
  const { ref, commit, stacks, unchanged } = result;
  const blocks = [
    `### What \`up\` does\n\nFrom \`${ref}\` (${commit.slice(0, 7)}).`,
    ...stacks.flatMap(stackBlocks),
    ...(unchanged.length === 0 ? [] : [`Nothing happens to: ${unchanged.map((name) => `\`${name}\``).join(', ')}.`]),
  ];
  const note = `**Cut:** the report is too long for a comment. \`npm run plan -- --diff ${ref}\` prints all of it.`;
  return fitted(blocks, maxLength, note);
}

function stackBlocks(diff: PlanDiff): string[] {
  const { stack, machines, kubernetes, releases, resources } = diff;
  return [
    `#### \`${stack}\`: ${escapeHtml(stackSummary(diff))}`,
    ...(kubernetes === undefined ? [] : [`- ${escapeHtml(kubernetesText(kubernetes))}`]),
    ...machines.map((machine) => folded(machineLines(machine))),
    ...releases.map((release) => folded(releaseLines(release), 'Flux rolls it out, not `up`.')),
    ...(resources.length === 0 ? [] : [folded(['resources of the program', ...resources.map(resourceLine)])]),
  ];
}

/** The first line as a summary, the others below it. */
function folded([first = '', ...rest]: readonly string[], note?: string): string {
  const title = escapeHtml(first.replace(/^[~+-] /, ''));
  if (rest.length === 0) return `- ${title}`;
  const indent = Math.min(...rest.map((line) => line.search(/\S/)));
  const text = rest.map((line) => line.slice(indent)).join('\n');
  const cut = text.length > maxItem ? `${text.slice(0, maxItem)} …\n… cut` : text;
  const body = [...(note === undefined ? [] : [note]), fenced('diff', cut)].join('\n\n');
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}
