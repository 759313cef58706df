import { diffMarkdown } from './markdown';
import { diffPlain } from './print';
import { type DiffOptions, runDiff } from './runDiff';

/** What `--diff` prints: for a terminal, or as asked for. */
export async function diffReport(options: DiffOptions, as: { json?: boolean; markdown?: boolean }): Promise<string> {
  const result = await runDiff(options);
  if (as.json) return JSON.stringify(result, null, 2);
  return as.markdown ? diffMarkdown(result) : diffPlain(result);
}
