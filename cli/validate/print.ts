import type { Finding, NotChecked } from '../../gitops/checks/check';
import { printable } from '../../gitops/plainText';
import { workflowCommand } from '../github/workflowCommand';
import type { ValidateResult } from './options';

/** Findings and a summary for a terminal. */
export function plain(result: ValidateResult, verbose: boolean): string {
  const lines = result.findings.flatMap(({ file, line, severity, id, clusters, what, why, todo, ...about }) => [
    `${file}:${line}: ${severity} ${id}${clusters.length === 0 ? '' : ` (${clusters.join(', ')})`}`,
    `  ${shown(named(about))}: ${shown(what)}`,
    `  why: ${why}`,
    `  fix: ${shown(todo)}`,
    '',
  ]);
  return [...lines, ...summary(result, verbose)].join('\n');
}

/** Findings as GitHub Actions annotations, and the summary. */
export function github(result: ValidateResult, verbose: boolean): string {
  const annotations = result.findings.map((finding) => {
    const { file, line, severity, id } = finding;
    return workflowCommand(severity, { file, line: String(line), title: id }, annotation(finding));
  });
  return [...annotations, ...summary(result, verbose)].join('\n');
}

/** The object of a finding, and how many others have the same cause. `--json` lists them. */
function named({ object, also = [] }: Pick<Finding, 'object' | 'also'>): string {
  const [only] = also;
  if (only === undefined) return object;
  return also.length === 1 ? `${object} and ${only}` : `${object} and ${also.length} more`;
}

function annotation({ clusters, what, why, todo, ...about }: Finding): string {
  const where = clusters.length === 0 ? '' : `\nClusters: ${clusters.join(', ')}`;
  return `${shown(named(about))}: ${shown(what)}\n${why}\nFix: ${shown(todo)}${where}`;
}

/** A text that may contain values of the repository, without hidden characters and not absurdly long. */
function shown(text: string): string {
  const lines = text.split('\n').map((line) => printable(line, 2000));
  return lines.length > 50 ? [...lines.slice(0, 50), '...'].join('\n') : lines.join('\n');
}

function summary(result: ValidateResult, verbose: boolean): string[] {
  const { findings, exempted, objects, kustomizations, coverage, notChecked, places, volumes, seconds } = result;
  const count = (severity: Finding['severity']): number =>
    findings.filter((finding) => finding.severity === severity).length;
  const kinds = findings.length === 0 ? '' : ` (${count('error')} errors, ${count('warning')} warnings)`;
  // Rounded down, so that 100 % means every object.
  const share = coverage.total === 0 ? 0 : Math.floor((coverage.checked * 1000) / coverage.total) / 10;
  const lines = [
    `${findings.length} findings${kinds}, ${exempted} exempted; ${objects} objects in ${kustomizations} Kustomizations; ${seconds} s`,
    `checked by schema: ${coverage.checked} of ${coverage.total} objects (${share} %)` +
      (coverage.kindsWithout.length === 0 ? '' : `; kinds without a schema: ${coverage.kindsWithout.join(', ')}`),
  ];
  if (volumes.objects > 0) {
    lines.push(
      `volumes: ${volumes.objects} objects demand some; ${volumes.backedUp} backed up, ${volumes.exempt} exempted`,
    );
  }
  if (verbose && Object.keys(places).length > 0) {
    const counts = Object.entries(places).map(([rule, count]) => `${rule} ${count}`);
    lines.push(`places looked at: ${counts.join(', ')}`);
  }
  if (notChecked.length > 0) {
    lines.push(`not checked: ${notChecked.length}${verbose ? '' : ' (--verbose lists them)'}`);
    lines.push(...byReason(notChecked, verbose));
  }
  return lines;
}

/** One line per rule and reason, with the number of places; each place only if verbose. */
function byReason(notChecked: readonly NotChecked[], verbose: boolean): string[] {
  const groups = new Map<string, NotChecked[]>();
  for (const entry of notChecked) {
    const key = `${entry.rule}: ${entry.reason}`;
    groups.set(key, [...(groups.get(key) ?? []), entry]);
  }
  return [...groups].flatMap(([key, entries]) => [
    `  ${entries.length} × ${key}`,
    ...(verbose ? entries.map(({ file, line, object, what }) => `    ${file}:${line}: ${object}: ${what}`) : []),
  ]);
}
