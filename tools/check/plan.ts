import { type Row, rowsOf, touchMap } from './touchMap';

/** What to run for a set of changed files. */
export interface Plan {
  /** Files of which to check prose and format; undefined: nothing asks for `npm run lint`. */
  lint?: string[];
  /** Files whose importing tests run. */
  related: string[];
  /** Folders and files of fast tests, sorted, without those inside another one. */
  suites: string[];
  scripts: string[];
  lab: string[];
  /** Why: for each file, the globs of its rows. */
  reasons: { file: string; globs: string[] }[];
  /** Files that no row covers. */
  uncovered: string[];
}

/** Collects what the rows of all files run. */
export function planFor(files: readonly string[], rows: readonly Row[] = touchMap): Plan {
  const plan: Plan = { related: [], suites: [], scripts: [], lab: [], reasons: [], uncovered: [] };
  for (const file of [...files].sort()) {
    const own = rowsOf(file, rows);
    if (own.length === 0) plan.uncovered.push(file);
    else plan.reasons.push({ file, globs: own.flatMap(({ globs }) => globs) });
    if (own.some(({ runs }) => runs.lint)) (plan.lint ??= []).push(file);
    if (own.some(({ runs }) => runs.related)) plan.related.push(file);
    for (const { runs } of own) {
      plan.suites.push(...(runs.suites ?? []));
      plan.scripts.push(...(runs.scripts ?? []));
      plan.lab.push(...(runs.lab ?? []));
    }
  }
  return { ...plan, suites: outermost(plan.suites), scripts: [...new Set(plan.scripts)], lab: outermost(plan.lab) };
}

/** Paths without those below another one, sorted. */
function outermost(paths: readonly string[]): string[] {
  return [...new Set(paths)].filter((path) => !paths.some((other) => path.startsWith(`${other}/`))).sort();
}
