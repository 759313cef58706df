import type { FluxKustomization } from './fluxKustomization';
import type { Problems } from '../manifestError';

/**
 * Adds a problem for each duplicate name and each missing dependency, and for the first `dependsOn` cycle.
 * @param remedy what to do about a missing dependency, if a system that the cluster does not list has it
 */
export function checkGraph(
  kustomizations: FluxKustomization[],
  problems: Problems,
  remedy: (wanted: string, dependent: FluxKustomization) => string | undefined,
): void {
  const byName = new Map<string, FluxKustomization>();
  for (const kustomization of kustomizations) {
    const { name, file, line } = kustomization;
    const first = byName.get(name);
    if (first !== undefined) {
      problems.add(
        `${file}:${line}`,
        `Kustomization ${name} is already defined in ${first.file}:${first.line}; rename one of the two`,
      );
    } else byName.set(name, kustomization);
  }
  for (const dependent of kustomizations) {
    const { name, file, line, dependsOn } = dependent;
    for (const other of dependsOn.filter((dependency) => !byName.has(dependency))) {
      const list = remedy(other, dependent);
      const what = list === undefined ? 'does not exist; fix the name' : `the cluster does not list; ${list}`;
      problems.add(`${file}:${line}`, `Kustomization ${name} depends on ${other}, which ${what}`);
    }
  }
  const cycle = findCycle(byName);
  if (cycle !== undefined) {
    const [first] = cycle;
    const { file, line } = byName.get(first ?? '') ?? { file: '', line: 0 };
    problems.add(`${file}:${line}`, `circular dependency: ${cycle.join(' -> ')}; remove one dependsOn`);
  }
}

function findCycle(byName: Map<string, FluxKustomization>): string[] | undefined {
  const done = new Set<string>();
  const visit = (name: string, path: string[]): string[] | undefined => {
    const at = path.indexOf(name);
    if (at >= 0) return [...path.slice(at), name];
    if (done.has(name)) return undefined;
    for (const next of byName.get(name)?.dependsOn ?? []) {
      const cycle = visit(next, [...path, name]);
      if (cycle !== undefined) return cycle;
    }
    done.add(name);
    return undefined;
  };
  for (const name of byName.keys()) {
    const cycle = visit(name, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}
