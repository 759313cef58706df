import type { Severity } from '../../../gitops/signals/signal';
import { severities } from '../../../gitops/signals/signal';
import { diffMarkdown } from './markdown';
import { diffPlain } from './print';
import { type DiffOptions, isIncomplete, runDiff } from './runDiff';

/** What `--diff` prints, and what its exit code says. */
export interface DiffReport {
  /** JSON, Markdown, or plain text for a terminal. */
  text: string;
  /** Whether a part of what changes could not be told. */
  incomplete: boolean;
  /** Whether there is a signal of the severity that fails the run, or a worse one. */
  failing: boolean;
}

/** Runs `--diff` and formats its result. */
export async function diffReport(
  options: DiffOptions,
  format: { json?: boolean; markdown?: boolean; failOn?: Severity },
): Promise<DiffReport> {
  const result = await runDiff(options);
  const { failOn } = format;
  const worst = failOn === undefined ? [] : severities.slice(0, severities.indexOf(failOn) + 1);
  return {
    text: format.json ? JSON.stringify(result, null, 2) : format.markdown ? diffMarkdown(result) : diffPlain(result),
    incomplete: isIncomplete(result),
    failing: result.signals.some(({ severity }) => worst.includes(severity)),
  };
}
