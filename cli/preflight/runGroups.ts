import { type CheckResult, failedWith } from './checkResult';
import type { PreflightProgress } from './progress';

/** A named group of checks. */
export interface CheckGroup {
  name: string;
  run(): Promise<CheckResult[]>;
}

/**
 * Runs groups in parallel and returns their results in the order of the groups. A group that throws is one failed
 * result; the others continue.
 */
export async function runGroups(groups: readonly CheckGroup[], progress: PreflightProgress): Promise<CheckResult[]> {
  const running = groups.map(async (group) => {
    const { name } = group;
    progress.started(name);
    let results: CheckResult[];
    try {
      results = await group.run();
    } catch (error) {
      results = [failedWith({ id: `group:${name}`, what: name }, error, 'run preflight again')];
    }
    progress.finished(name, results);
    return results;
  });
  return (await Promise.all(running)).flat();
}
