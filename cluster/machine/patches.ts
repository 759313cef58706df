import { parseAllDocuments } from 'yaml';
import { isMap } from '../../gitops/kubernetesObject';
import type { KeyPlace } from '../keyPath';
import { type Problem, show } from '../problems';
import type { StackConfig } from '../stackSchema';
import { patchProblems } from './patchChecks';

/** Reads a file by its path relative to the stack file. Throws if it cannot. */
export type ReadFile = (path: string) => string;

/** The levels whose patches were read. */
type Levels = Pick<Partial<StackConfig>, 'nodes' | 'machines' | 'controlPlane' | 'worker'>;

/**
 * Replaces the paths in the patches of every level by the documents of these files, in their order, and checks every patch.
 * Patches that cannot be read are left out.
 */
export function readPatches(levels: Levels, at: KeyPlace, read: ReadFile): { levels: Levels; problems: Problem[] } {
  const problems: Problem[] = [];
  const resolved = <T extends Record<string, unknown>>(level: T, path: readonly PropertyKey[]): T => {
    const { patches } = level;
    if (!Array.isArray(patches)) return level;
    const documents = patches.flatMap((patch: unknown, index): unknown[] => {
      const where = at(...path, 'patches', index);
      const found = typeof patch === 'string' ? documentsOf(patch, where, read) : { documents: [patch], problems: [] };
      problems.push(...found.problems, ...found.documents.flatMap((document) => patchProblems(document, where)));
      return found.documents.filter(isMap);
    });
    return { ...level, patches: documents };
  };
  const { nodes, machines, controlPlane, worker } = levels;
  return {
    levels: {
      ...(nodes && { nodes: nodes.map((node, index) => resolved(node, ['nodes', index])) }),
      ...(machines && { machines: resolved(machines, ['machines']) }),
      ...(controlPlane && { controlPlane: resolved(controlPlane, ['controlPlane']) }),
      ...(worker && { worker: resolved(worker, ['worker']) }),
    },
    problems,
  };
}

function documentsOf(path: string, where: string, read: ReadFile): { documents: unknown[]; problems: Problem[] } {
  const refused = (expected: string): { documents: unknown[]; problems: Problem[] } => ({
    documents: [],
    problems: [{ where, found: show(path), expected, fix: 'correct it' }],
  });
  let text: string;
  try {
    text = read(path);
  } catch (error) {
    return refused(`a file that can be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`);
  }
  const parsed = parseAllDocuments(text);
  const documents = Array.isArray(parsed) ? parsed : [];
  const [error] = documents.flatMap((document) => document.errors);
  if (error !== undefined) return refused(`YAML; ${path}:${error.linePos?.[0].line ?? 1} is not: ${error.code}`);
  try {
    const values = documents.map((document) => document.toJS() as unknown).filter((value) => value !== null);
    return values.length === 0 ? refused('a file that is not empty') : { documents: values, problems: [] };
  } catch (failure) {
    return refused(`YAML that can be read: ${(failure as Error).message}`);
  }
}
