import { escapeHtml } from '../markdownText';
import type { StackDrift } from './drift';
import { countsOf, factsOf, subjectOf } from './print';

/** GitHub limits an issue to 65,536 characters. */
const maxReport = 60_000;

/** All stacks as Markdown, for an issue or a step summary. Ends with a note if it had to be cut. */
export function markdownDrift(stacks: readonly StackDrift[], maxLength = maxReport): string {
  const blocks = stacks.flatMap((result) => [
    `### Drift of \`${result.stack}\``,
    tableOf(result),
    ...sectionsOf(result),
  ]);
  const note = '**Truncated:** the report is too long. `npm run drift` prints all of it.';
  let text = '';
  for (const block of blocks) {
    if (text.length + block.length + note.length + 4 > maxLength) return text + note;
    text += `${block}\n\n`;
  }
  return text.trimEnd();
}

function tableOf(result: StackDrift): string {
  const rows = countsOf(result).map(
    ({ layer, compared, drift, unknown }) => `| ${layer} | ${compared} | ${drift.length} | ${unknown.length} |`,
  );
  return ['| layer | compared | drifted | could not tell |', '|---|---|---|---|', ...rows].join('\n');
}

function sectionsOf(result: StackDrift): string[] {
  return countsOf(result).flatMap(({ layer, drift, unknown }) => {
    if (drift.length + unknown.length === 0) return [];
    return [
      `#### ${layer}`,
      ...drift.map((one) => {
        const facts = factsOf(one).map((text) => `  - ${escapeHtml(text)}`);
        return [
          `- ${code(subjectOf(one))} (${escapeHtml(one.owner)}), \`${one.id}\``,
          ...facts,
          `  - fix: ${escapeHtml(one.todo)}`,
        ].join('\n');
      }),
      ...unknown.map(
        ({ object, why, todo }) =>
          `- could not tell: ${code(object)}: ${escapeHtml(why)}\n  - fix: ${escapeHtml(todo)}`,
      ),
    ];
  });
}

/** Text as inline code, whatever backticks it has. */
function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}
