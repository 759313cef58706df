import type { LabProcess } from './process';

/**
 * Sorts parts into waves: every part's needs are in earlier waves, and the parts of one wave start together. Within a
 * wave the order is the given one. Throws for a name used twice, an unknown need, and a cycle (named as a path).
 */
export function planWaves(parts: readonly LabProcess[]): LabProcess[][] {
  const byName = new Map<string, LabProcess>();
  const problems: string[] = [];
  for (const part of parts) {
    if (byName.has(part.name)) problems.push(`lab part "${part.name}" is defined twice`);
    byName.set(part.name, part);
  }
  for (const part of parts) {
    for (const need of part.needs) {
      if (!byName.has(need)) problems.push(`lab part "${part.name}" needs "${need}", which no part is called`);
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));

  const waves: LabProcess[][] = [];
  const placed = new Set<string>();
  while (placed.size < byName.size) {
    const wave = parts.filter((part) => !placed.has(part.name) && part.needs.every((need) => placed.has(need)));
    if (wave.length === 0) throw new Error(`lab parts need each other: ${findCycle(parts, placed).join(' → ')}`);
    for (const part of wave) placed.add(part.name);
    waves.push(wave);
  }
  return waves;
}

/** Follows unmet needs from the first stuck part until a name comes again. */
function findCycle(parts: readonly LabProcess[], placed: ReadonlySet<string>): string[] {
  const stuck = new Map(parts.filter((part) => !placed.has(part.name)).map((part) => [part.name, part]));
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
