import type { LabProcess } from './process';

/**
 * Sorts processes into waves: the needs of each process are in earlier waves, and a wave starts together. Keeps the given
 * order within a wave. Throws on duplicate names, unknown needs, and cycles (reported as a path).
 */
export function planWaves(processes: readonly LabProcess[]): LabProcess[][] {
  const byName = new Map<string, LabProcess>();
  const problems: string[] = [];
  for (const process of processes) {
    if (byName.has(process.name)) problems.push(`lab process "${process.name}" is defined twice`);
    byName.set(process.name, process);
  }
  for (const process of processes) {
    for (const need of process.needs) {
      if (!byName.has(need)) problems.push(`lab process "${process.name}" needs "${need}", which does not exist`);
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));

  const waves: LabProcess[][] = [];
  const placed = new Set<string>();
  while (placed.size < byName.size) {
    const wave = processes.filter(
      (process) => !placed.has(process.name) && process.needs.every((need) => placed.has(need)),
    );
    if (wave.length === 0)
      throw new Error(`lab processes need each other: ${findCycle(processes, placed).join(' → ')}`);
    for (const process of wave) placed.add(process.name);
    waves.push(wave);
  }
  return waves;
}

/** Follows unmet needs from the first stuck process until a name repeats. */
function findCycle(processes: readonly LabProcess[], placed: ReadonlySet<string>): string[] {
  const stuck = new Map(
    processes.filter((process) => !placed.has(process.name)).map((process) => [process.name, process]),
  );
  const path: string[] = [];
  let name = [...stuck.keys()][0];
  while (name !== undefined) {
    const seen = path.indexOf(name);
    path.push(name);
    if (seen >= 0) return path.slice(seen);
    name = stuck.get(name)?.needs.find((need) => stuck.has(need));
  }
  return path;
}
