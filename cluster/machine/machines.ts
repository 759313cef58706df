import { isMap } from '../../gitops/kubernetesObject';
import type { KeyPlace } from '../keyPath';
import type { Problem } from '../problems';
import { issueProblems } from '../schemaProblems';
import type { Node, StackConfig } from '../stackSchema';
import { machineSchema } from './machineSchema';
import { type Level, mergeLevels, originOf } from './merge';

/** A machine with everything that any level says about it. */
export interface CheckedMachine {
  /** Its index in `nodes`. */
  index: number;
  node: Node;
  /** Where a key of `node` is defined: at the level that says it. */
  at: KeyPlace;
}

/** The keys of a node that no other level has. */
const identity = ['name', 'role', 'address', 'leaving'];

/** The levels that speak of a node, the last of which has the last word: all machines, its role, the node itself. */
export function levelsOf(values: Readonly<Record<string, unknown>>, index: number): Level[] {
  const node = (values['nodes'] as readonly unknown[])[index];
  const entries = isMap(node) ? Object.entries(node) : [];
  const role = isMap(node) && node['role'] === 'worker' ? 'worker' : 'controlPlane';
  const own = Object.fromEntries(entries.filter(([key]) => !identity.includes(key)));
  return [
    { path: ['machines'], value: values['machines'] },
    { path: [role], value: values[role] },
    { path: ['nodes', index], value: own },
  ];
}

/** What all levels together say about each node of a stack whose values may be invalid. */
export function mergedNodes(values: Readonly<Record<string, unknown>>): Record<string, unknown>[] {
  const nodes = values['nodes'];
  if (!Array.isArray(nodes)) return [];
  return nodes.map((node: unknown, index) => ({
    ...(isMap(node) ? node : {}),
    ...mergeLevels(levelsOf(values, index), ['patches']),
  }));
}

/**
 * Merges the levels of a stack. No machines if a level is invalid, because nothing that follows from it would be true. A problem
 * of a merged value is reported at the level that says it, once.
 */
export function checkedMachines(
  config: Partial<StackConfig>,
  at: KeyPlace,
): { machines?: CheckedMachine[]; problems: Problem[] } {
  const { nodes, machines, controlPlane, worker } = config;
  if (nodes === undefined || [machines, controlPlane, worker].includes(undefined)) return { problems: [] };
  const problems: Problem[] = [];
  const checked = nodes.flatMap(({ name, role, address, leaving }, index): CheckedMachine[] => {
    const levels = levelsOf(config, index);
    const place: KeyPlace = (...path) =>
      identity.includes(String(path[0])) ? at('nodes', index, ...path) : at(...originOf(levels, path));
    const merged = mergeLevels(levels, ['patches']);
    const { success, data, error } = machineSchema.safeParse(merged);
    if (success) return [{ index, node: { name, role, address, leaving, ...data }, at: place }];
    problems.push(...error.issues.flatMap((issue) => issueProblems(place, merged, issue)));
    return [];
  });
  return problems.length === 0 ? { machines: checked, problems } : { problems: onceEach(problems) };
}

/** Problems without repetitions: what one level says is a problem of every node that it speaks of. */
export function onceEach(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [JSON.stringify(problem), problem])).values()];
}
