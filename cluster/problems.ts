/** One thing wrong with a definition, worded so that a reader can act on it without reading the code. */
export interface Problem {
  /** Where it stands: `Pulumi.<stack>.yaml <key path>` or `<file>:<line> <KEY>`. */
  where: string;
  /** What stands there, as text; never a secret. */
  found: string;
  /** What was expected, completing "expected …". */
  expected: string;
  /** What to do, as an imperative clause. */
  fix: string;
}

/** A problem as the one line that people see. */
export function formatProblem(problem: Problem): string {
  return `${problem.where}: found ${problem.found}, expected ${problem.expected}; ${problem.fix}`;
}

/** A value for a message: JSON, shortened, and `nothing` for a missing one. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** Everything wrong with a stack's definition, at once. */
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
