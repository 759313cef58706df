import type { Finding } from '../gitops/checks/check';
import { printable } from '../gitops/plainText';

/** What validate found, or why it could not look. */
export type Validation = { findings: readonly Finding[] } | { reason: string };

/** Reads what `validate --json` printed; by docs/validate.md, exit code 2 means that it could not do its work. */
export function validationOf({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }): Validation {
  const lines = stderr.trim().split('\n');
  const said = (lines.find((line) => line.startsWith('validate: ')) ?? lines.at(-1) ?? '').replace(/^validate: /, '');
  if (code !== 0 && code !== 1) return { reason: said || `validate ended with exit code ${code}` };
  try {
    return { findings: (JSON.parse(stdout) as { findings: Finding[] }).findings };
  } catch {
    return { reason: said || 'validate printed no result' };
  }
}

/** How a run goes on. */
export interface Consequences {
  infos: string[];
  warnings: string[];
  /** Why the run ends before anything has changed. */
  refusal?: string;
  /** Errors that did not end it. */
  ignored: string[];
}

/**
 * What a run does about a validation. An update stops at errors, unless they are ignored; then they are warnings, and the stack
 * records them. A preview shows them as warnings, because it changes nothing and what it shows helps to correct them.
 */
export function consequences(
  cluster: string,
  validation: Validation,
  { isPreview, isIgnored, ignoreVariable }: { isPreview: boolean; isIgnored: boolean; ignoreVariable: string },
): Consequences {
  if ('reason' in validation) {
    return { infos: [`${cluster}: not validated, because ${shown(validation.reason)}`], warnings: [], ignored: [] };
  }
  const textsOf = (severity: Finding['severity']): string[] =>
    validation.findings.filter((finding) => finding.severity === severity).map(textOf);
  const [errors, warnings] = [textsOf('error'), textsOf('warning')];
  if (isPreview || isIgnored) {
    const ignored = isPreview ? [] : errors;
    return { infos: [], warnings: [...errors, ...warnings], ignored };
  }
  if (errors.length === 0) return { infos: [], warnings, ignored: [] };
  const list = errors.map((error) => `  - ${error}`).join('\n');
  const refusal =
    `stack ${cluster}: npm run validate finds errors, and Flux would apply them; nothing was changed\n${list}\n` +
    `Correct them and push, or run once with ${ignoreVariable}=1`;
  return { infos: [], warnings, refusal, ignored: [] };
}

function textOf({ file, line, id, object, what, todo }: Finding): string {
  return shown(`${file}:${line}: ${id}: ${object}: ${what}; ${todo}`);
}

/** On one line and of a length that a terminal shows: findings quote files. */
function shown(text: string): string {
  return printable(text.replaceAll('\n', ' '), 600);
}
