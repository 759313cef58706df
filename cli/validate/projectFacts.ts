import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parsePlace } from '../../cluster/keyPath';
import type { Problem } from '../../cluster/problems';
import { programFacts } from '../../cluster/programFacts';
import { listStacks } from '../../cluster/stackFile';
import { ManifestError } from '../../gitops/manifestError';
import type { DefinitionProblem, Tree } from '../../gitops/tree';
import { type EvaluatedStack, evaluateStacks } from '../../stacks/evaluateStack';

/** What the rules know about the project of a repository with this one's layout. */
export type ProjectFacts = Pick<Tree, 'stacks' | 'program' | 'definitions'>;

/** Reads and checks the stacks of a repository. */
export function projectFacts(root: string): ProjectFacts {
  const stacks = listStacks(root);
  return { stacks, program: programFacts, definitions: definitionProblems(root, stacks) };
}

/**
 * What the program refuses about a repository's clusters; undefined if it has no project with stacks. A cluster without a stack
 * file, and the reverse, are other findings.
 */
function definitionProblems(root: string, stacks: readonly string[]): DefinitionProblem[] | undefined {
  if (stacks.length === 0 || !existsSync(join(root, 'Pulumi.yaml'))) return undefined;
  let evaluated: EvaluatedStack[];
  try {
    evaluated = evaluateStacks(root);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return stacks.flatMap((stack) => error.problems.map((text) => unreadable(stack, text)));
  }
  return evaluated.flatMap(({ stack, problems, manifestProblems }) => [
    ...manifestProblems.map((text) => unreadable(stack, text)),
    ...problems.map((problem) => invalid(stack, problem)),
  ]);
}

/** A problem of the form `<file>[:<line>]: what; fix`. */
function unreadable(stack: string, text: string): DefinitionProblem {
  const [, file = '', line = '1', rest = text] = /^(.+?)(?::(\d+))?: (.*)$/s.exec(text) ?? [];
  const [what, ...fix] = rest.split('; ');
  const at = { file, line: Number(line) };
  return { stack, at, what: what ?? rest, todo: fix.join('; ') || 'correct it', ofManifest: true };
}

function invalid(stack: string, { where, found, expected, fix, setting }: Problem): DefinitionProblem {
  const { file, line = 1, key } = parsePlace(where);
  const what = `${key}: found ${found}, expected ${expected}`;
  return { stack, at: { file, line }, what, todo: fix, ...(setting !== undefined && { setting }) };
}
