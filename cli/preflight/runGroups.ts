import { failedBy, type Line } from './checkResult';
import type { PreflightProgress } from './progress';

/** Checks that are asked together, and what people call them. */
export interface Group {
  name: string;
  ask(): Promise<Line[]>;
}

/**
 * Runs groups side by side and gives their lines in the groups' order. A group that throws is one red line: the others
 * go on.
 */
export async function runGroups(groups: readonly Group[], progress: PreflightProgress): Promise<Line[]> {
  const asked = groups.map(async (group) => {
    const { name } = group;
    progress.begun(name);
    let lines: Line[];
    try {
      lines = await group.ask();
    } catch (error) {
      lines = [failedBy({ id: `group:${name}`, what: name }, error, 'run preflight again')];
    }
    progress.ended(name, lines);
    return lines;
  });
  return (await Promise.all(asked)).flat();
}
