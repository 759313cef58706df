import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UserError } from '../../clients/userError';
import type { DriftReport } from './driftIssues';
import { folded, type Part } from './fitMarkdown';

const notAvailable = (what: string): string => `Not available: ${what} left nothing, see the run.`;

/** A part `<title>=<file with Markdown>`. Without its file, or with an empty one, the part says so. */
export function readPart(argument: string): Part {
  const at = argument.indexOf('=');
  if (at < 1) throw new UserError(`--part ${argument}: expected <title>=<file>`);
  const [title, file] = [argument.slice(0, at), argument.slice(at + 1)];
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return { title, text: text === '' ? notAvailable('its step') : text };
}

/** What `pulumi preview` printed, from a folder with one `<stack>.txt` for each stack; nothing if there is no such folder. */
export function readPreviews(folder: string): Part[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.txt'));
  const texts = files.sort().map((name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    const stack = basename(name, '.txt');
    return text.trim() === ''
      ? `\`${stack}\`: ${notAvailable('pulumi preview')}`
      : folded(`<code>${stack}</code>`, text);
  });
  return texts.length === 0 ? [] : [{ title: 'pulumi preview', text: texts.join('\n\n') }];
}

/** What the drift runs left of each stack: `<folder>/<stack>/exit-code` and `report.md`. */
export function readReports(folder: string, stacks: readonly string[]): DriftReport[] {
  return stacks.map((stack) => {
    const read = (name: string): string => {
      const file = join(folder, stack, name);
      return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
    };
    const code = read('exit-code');
    return { stack, markdown: read('report.md'), ...(/^\d+$/.test(code) && { exitCode: Number(code) }) };
  });
}
