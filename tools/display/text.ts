import { stripVTControlCharacters } from 'node:util';
// Version 4 is the last one that is not an ES module, which jest cannot load here.
import stringWidth from 'string-width';

/** Text whose width is its length: ASCII, and what the display itself draws. Measuring anything else is slow. */
const plain = /^[\x20-\x7e█░·…✓✗]*$/;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Text as one line without control characters: details come from other programs. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

/** The text in at most `columns` columns; a longer one ends with `…`. */
export function truncate(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns < 1) return '';
  if (plain.test(text)) return `${text.slice(0, columns - 1).trimEnd()}…`;
  let kept = '';
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    width += widthOf(segment);
    if (width > columns - 1) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/** The text in exactly `columns` columns: padded or truncated. */
export function fit(text: string, columns: number): string {
  const kept = truncate(text, columns);
  return kept + ' '.repeat(Math.max(0, columns - widthOf(kept)));
}

/** Columns that the text takes on a terminal. */
export function widthOf(text: string): number {
  return plain.test(text) ? text.length : stringWidth(text);
}

/** 4.2s, 48s, 1m 52s, 1h 02m. */
export function duration(milliseconds: number): string {
  const tenths = Math.floor(Math.max(0, milliseconds) / 100);
  if (tenths < 100) return `${Math.floor(tenths / 10)}.${tenths % 10}s`;
  const seconds = Math.floor(tenths / 10);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${twoDigits(seconds % 60)}s`;
  return `${Math.floor(minutes / 60)}h ${twoDigits(minutes % 60)}m`;
}

/** 640 kB, 12.5 MB. */
export function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
