import { structuredPatch } from 'diff';
import { stringify } from 'yaml';
import type { Json } from '../../../gitops/kubernetesObject';
import type { ValueChange } from '../../../gitops/diff/changes';

/** A line of a diff: removed (`-`), added (`+`), changed (`~`) or context (` `). */
export interface Line {
  mark: '-' | '+' | '~' | ' ';
  text: string;
}

/** At most this many lines of one change are shown. */
const maxLines = 200;
/** At most this many characters of a value fit on the line of its path. */
const maxInlineWidth = 100;

/** One change as lines: `path: 2 → 3` for short values, the changed lines of long strings, YAML for maps and lists. */
export function changeLines({ path, before, after, note }: ValueChange): Line[] {
  const lines: Line[] = note === undefined ? [] : [{ mark: '~', text: path === '' ? note : `${path}: ${note}` }];
  if (before === undefined && after === undefined) return lines;
  const [old, now] = [before, after].map((value) => (value === undefined ? undefined : inlineYaml(value)));
  if (old !== undefined && now !== undefined) return [...lines, { mark: '~', text: `${path}: ${old} → ${now}` }];
  if (typeof before === 'string' && typeof after === 'string') {
    return [...lines, { mark: '~', text: `${path}:` }, ...capped(textLines(before, after))];
  }
  return [...lines, ...capped([...valueLines('-', path, before), ...valueLines('+', path, after)])];
}

/** A value as YAML on one line; undefined if it does not fit. */
function inlineYaml(value: Json): string | undefined {
  if (typeof value === 'string' && value.includes('\n')) return undefined;
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) return undefined;
  const text = stringify(value, { lineWidth: 0 }).trimEnd();
  return text.length > maxInlineWidth || text.includes('\n') ? undefined : text;
}

function valueLines(mark: '-' | '+', path: string, value: Json | undefined): Line[] {
  if (value === undefined) return [];
  const inline = inlineYaml(value);
  if (inline !== undefined) return [{ mark, text: path === '' ? inline : `${path}: ${inline}` }];
  const body = stringify(value, { lineWidth: 0 }).trimEnd().split('\n');
  if (path === '') return body.map((text) => ({ mark, text }));
  return [{ mark, text: `${path}:` }, ...body.map((text) => ({ mark, text: `  ${text}` }))];
}

function textLines(before: string, after: string): Line[] {
  const { hunks } = structuredPatch('', '', before, after, undefined, undefined, { context: 2 });
  return hunks.flatMap(({ lines }, index) => [
    ...(index === 0 ? [] : [{ mark: ' ' as const, text: '  …' }]),
    ...lines.map((line): Line => {
      const mark = line[0] === '-' || line[0] === '+' ? line[0] : ' ';
      return { mark, text: `  ${line.startsWith('\\') ? line : line.slice(1)}` };
    }),
  ]);
}

function capped(lines: Line[]): Line[] {
  if (lines.length <= maxLines) return lines;
  return [...lines.slice(0, maxLines), { mark: ' ', text: `… ${lines.length - maxLines} more lines` }];
}
