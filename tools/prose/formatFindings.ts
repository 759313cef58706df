import { relative } from 'node:path';
import type { TextlintResult } from '@textlint/types';

/** textlint formatter: one line `file:line:column: message` for each finding, with paths from the working directory. */
function formatFindings(results: TextlintResult[]): string {
  return results
    .flatMap(({ filePath, messages }) =>
      messages.map(
        ({ loc: { start }, message }) =>
          `${relative(process.cwd(), filePath)}:${start.line}:${start.column}: ${message}`,
      ),
    )
    .join('\n');
}

export = formatFindings;
