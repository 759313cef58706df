// What GitHub asks of Markdown, in one place.

/** Half of what GitHub allows in a comment, which is 65,536 characters: two reports share one. */
export const halfComment = 32_000;

/** Text that is not read as HTML. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A block of code whose fence is longer than any in the text. */
export function fenced(language: string, text: string): string {
  const lengths = [...text.matchAll(/`{3,}/g)].map(([ticks]) => ticks.length);
  const fence = '`'.repeat(Math.max(2, ...lengths) + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

/** The blocks that fit, and a note instead of the others. */
export function fitted(blocks: readonly string[], maxLength: number, note: string): string {
  const all = blocks.join('\n\n');
  if (all.length <= maxLength) return all;
  let text = '';
  for (const block of blocks) {
    if (text.length + block.length + note.length + 4 > maxLength) break;
    text += `${block}\n\n`;
  }
  return text + note;
}
