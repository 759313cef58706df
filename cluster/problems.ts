import { printable } from '../gitops/plainText';

/** A problem with a definition, worded so that the reader can fix it without reading the code. */
export interface Problem {
  /** `Pulumi.<stack>.yaml <key path>` or `<file>:<line> <KEY>`. */
  where: string;
  /** The current value as text; never a secret. */
  found: string;
  /** Completes "expected …". */
  expected: string;
  /** What to do, as an imperative clause. */
  fix: string;
  /** The key of the setting, if the problem is that it is missing. */
  setting?: string;
}

/** Formats a problem as one line. */
export function formatProblem(problem: Problem): string {
  return `${problem.where}: found ${problem.found}, expected ${problem.expected}; ${problem.fix}`;
}

/** Formats a value for a message: JSON of about 80 characters without hidden ones, or `nothing` for undefined. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  return printable(JSON.stringify(value) ?? typeof value, 80);
}

/** All problems of a stack's definition. */
export class DefinitionError extends Error {
  constructor(
    readonly stackName: string,
    readonly problems: readonly Problem[],
  ) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(`stack ${stackName}: ${count}\n${problems.map((problem) => `  - ${formatProblem(problem)}`).join('\n')}`);
    this.name = 'DefinitionError';
  }
}
