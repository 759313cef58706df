import { structuredPatch } from 'diff';
import { stringify } from 'yaml';
import type { Json } from '../../../gitops/kubernetesObject';
import type { ValueChange } from '../../../gitops/diff/changes';

/** A line of a report: what it is about was, is, is both (a value that changed), or is only shown for orientation. */
export interface Line {
  mark: '-' | '+' | '~' | ' ';
  text: string;
}

/** More of one change is not shown. */
const longest = 200;
/** A value that is longer has lines of its own. */
const widest = 100;

/** One change as lines: `path: 2 → 3` for short values, the differing lines of long texts, YAML for what is no single value. */
export function changeLines({ path, before, after, note }: ValueChange): Line[] {
  const lines: Line[] = note === undefined ? [] : [{ mark: '~', text: path === '' ? note : `${path}: ${note}` }];
  if (before === undefined && after === undefined) return lines;
  const [old, now] = [before, after].map((value) => (value === undefined ? undefined : oneLine(value)));
  if (old !== undefined && now !== undefined) return [...lines, { mark: '~', text: `${path}: ${old} → ${now}` }];
  if (typeof before === 'string' && typeof after === 'string') {
    return [...lines, { mark: '~', text: `${path}:` }, ...capped(textLines(before, after))];
  }
  return [...lines, ...capped([...valueLines('-', path, before), ...valueLines('+', path, after)])];
}

/** A value that fits into a line, as YAML has it there; undefined for others. */
function oneLine(value: Json): string | undefined {
  if (typeof value === 'string' && value.includes('\n')) return undefined;
  if (typeof value === 'object' && value !== null && Object.keys(value).length > 0) return undefined;
  const text = stringify(value, { lineWidth: 0 }).trimEnd();
  return text.length > widest || text.includes('\n') ? undefined : text;
}

function valueLines(mark: '-' | '+', path: string, value: Json | undefined): Line[] {
  if (value === undefined) return [];
  const short = oneLine(value);
  if (short !== undefined) return [{ mark, text: path === '' ? short : `${path}: ${short}` }];
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
  if (lines.length <= longest) return lines;
  return [...lines.slice(0, longest), { mark: ' ', text: `… ${lines.length - longest} more lines` }];
}
