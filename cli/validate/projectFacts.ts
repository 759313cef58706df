import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parsePlace } from '../../cluster/keyPath';
import type { Problem } from '../../cluster/problems';
import { programFacts } from '../../cluster/programFacts';
import { checkClusters, readClusters } from '../../cluster/readClusters';
import { listStacks, projectName } from '../../cluster/stackFile';
import { listClusters } from '../../gitops/clusterSettings';
import { ManifestError } from '../../gitops/manifestError';
import type { DefinitionProblem, Tree } from '../../gitops/tree';

/** What the rules know about the project of a repository with this one's layout. */
export type ProjectFacts = Pick<Tree, 'stacks' | 'program' | 'definitions'>;

/** Reads and checks the stacks of a repository. */
export function projectFacts(root: string): ProjectFacts {
  const stacks = listStacks(root);
  return { stacks, program: programFacts, definitions: definitionProblems(root, stacks) };
}

/**
 * What the program refuses in the definitions of a repository's clusters; undefined if it has no project with stacks.
 * Secrets count as set: a stack file in Git has none. A cluster without a stack file, and the reverse, are other findings.
 */
function definitionProblems(root: string, stacks: readonly string[]): DefinitionProblem[] | undefined {
  if (stacks.length === 0 || !existsSync(join(root, 'Pulumi.yaml'))) return undefined;
  let project: string;
  try {
    project = projectName(root);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return stacks.flatMap((stack) => error.problems.map((text) => unreadable(stack, text)));
  }
  const clusters = readClusters(listClusters(root), { root, project: root, projectName: project });
  const withStack = checkClusters(clusters).filter(({ name }) => stacks.includes(name));
  return withStack.flatMap((checked) => [
    ...checked.unreadable.map((text) => unreadable(checked.name, text)),
    ...(checked.error?.problems ?? []).map((problem) => invalid(checked.name, problem)),
  ]);
}

/** A problem of the form `<file>[:<line>]: what; fix`. */
function unreadable(stack: string, text: string): DefinitionProblem {
  const [, file = '', line = '1', rest = text] = /^(.+?)(?::(\d+))?: (.*)$/s.exec(text) ?? [];
  const [what, ...fix] = rest.split('; ');
  return { stack, at: { file, line: Number(line) }, what: what ?? rest, todo: fix.join('; ') || 'correct it' };
}

function invalid(stack: string, { where, found, expected, fix }: Problem): DefinitionProblem {
  const { file, line = 1, key } = parsePlace(where);
  return { stack, at: { file, line }, what: `${key}: found ${found}, expected ${expected}`, todo: fix };
}
