import { diffMarkdown } from './markdown';
import { diffPlain } from './print';
import { type DiffOptions, runDiff } from './runDiff';

/** The output of `--diff`: JSON, Markdown, or plain text for a terminal. */
export async function diffReport(
  options: DiffOptions,
  format: { json?: boolean; markdown?: boolean },
): Promise<string> {
  const result = await runDiff(options);
  if (format.json) return JSON.stringify(result, null, 2);
  return format.markdown ? diffMarkdown(result) : diffPlain(result);
}
