import { fenced } from '../markdownText';

/** A part of a report. */
export interface Part {
  /** Shown above the text. */
  title: string;
  /** Markdown. */
  text: string;
}

/**
 * Joins parts to one Markdown text of at most `limit` UTF-16 code units. Long parts are cut where the whole would be longer:
 * short ones stay whole, and the others share what is left. A cut part ends with the note.
 */
export function joinParts(parts: readonly Part[], limit: number, note: string): string {
  const heads = parts.map(({ title }) => `## ${title}\n\n`);
  const separators = 2 * Math.max(0, parts.length - 1);
  const room = limit - separators - heads.reduce((sum, head) => sum + head.length, 0);
  const shares = shareOut(
    parts.map(({ text }) => text.length),
    room,
  );
  return parts.map(({ text }, index) => `${heads[index]}${cutMarkdown(text, shares[index] ?? 0, note)}`).join('\n\n');
}

/** Shares a room among lengths: whoever needs less than an equal share leaves the rest to the others. */
export function shareOut(lengths: readonly number[], room: number): number[] {
  const shares = lengths.map(() => 0);
  const byLength = lengths.map((length, index) => ({ length, index })).sort((a, b) => a.length - b.length);
  let left = Math.max(0, room);
  for (const [taken, { length, index }] of byLength.entries()) {
    shares[index] = Math.min(length, Math.floor(left / (byLength.length - taken)));
    left -= shares[index] ?? 0;
  }
  return shares;
}

/**
 * Cuts Markdown to at most `limit` UTF-16 code units, at the end of a line, and closes the code fence and the folded sections
 * that are open there. Adds the note if anything was cut.
 */
export function cutMarkdown(text: string, limit: number, note: string): string {
  if (text.length <= limit) return text;
  const lines = text.split('\n');
  let kept = '';
  let end = note.slice(0, Math.max(0, limit));
  let used = 0;
  const open = new OpenBlocks();
  for (const line of lines) {
    used += line.length + 1;
    open.read(line);
    const closing = `${open.closing()}\n\n${note}`;
    if (used > limit) break;
    // A shorter beginning may leave more open, so it is kept only if its end fits, too.
    if (used + closing.length > limit) continue;
    kept = text.slice(0, used - 1);
    end = closing;
  }
  return kept + end;
}

/** The code fence and the number of folded sections that are open after the lines read so far. */
class OpenBlocks {
  private fence = '';
  private details = 0;

  read(line: string): void {
    const [, ticks = ''] = /^ {0,3}(`{3,}|~{3,})/.exec(line) ?? [];
    if (this.fence !== '') {
      const isEnd = ticks.startsWith(this.fence) && line.trim() === ticks;
      if (isEnd) this.fence = '';
      return;
    }
    this.fence = ticks;
    if (ticks !== '') return;
    const count = (pattern: RegExp): number => [...line.matchAll(pattern)].length;
    this.details = Math.max(0, this.details + count(/<details[\s>]/g) - count(/<\/details>/g));
  }

  closing(): string {
    return (this.fence === '' ? '' : `\n${this.fence}`) + '\n\n</details>'.repeat(this.details);
  }
}

/** A text that is not Markdown, as a folded code block. */
export function folded(summary: string, text: string): string {
  return `<details><summary>${summary}</summary>\n\n${fenced('', text.trimEnd())}\n\n</details>`;
}
