import { messageOf } from '../../clients/userError';
import { compareLayer, type Drift, type DriftFix, type StackDrift } from './drift';
import type { DriftContext } from './context';
import { subjectOf } from './print';

/** A fix, and the findings that it is for. */
export interface PlannedFix {
  fix: DriftFix;
  findings: readonly Drift[];
}

/** The fixes of one stack, in the order in which they run. */
export interface StackFixes {
  stack: string;
  fixes: readonly PlannedFix[];
}

/** What a run of the fixes needs. */
export interface FixOptions {
  /** Opens the context of a stack, which `close` closes. Throws if the stack cannot be read. */
  open: (stack: string) => Promise<{ context: DriftContext; close: () => void }>;
  /** Asks a person. */
  confirm: (question: string) => Promise<boolean>;
  /** Says something to a person: the preview, and what happens. */
  say: (text: string) => void;
}

/** The fixes of the findings: those of earlier layers first, each once. Stacks with none are left out. */
export function plannedFixes(results: readonly StackDrift[]): StackFixes[] {
  return results.flatMap(({ stack, drift }) => {
    const byText = new Map<string, { fix: DriftFix; findings: Drift[] }>();
    for (const finding of drift.toSorted(compareLayer)) {
      const { fix } = finding;
      if (fix === undefined) continue;
      const planned = byText.get(fix.describe);
      if (planned === undefined) byText.set(fix.describe, { fix, findings: [finding] });
      else planned.findings.push(finding);
    }
    return byText.size === 0 ? [] : [{ stack, fixes: [...byText.values()] }];
  });
}

/**
 * Shows what would be done, asks, and does it: one stack after the other; of a stack, nothing more after a fix that failed.
 *
 * @returns whether anything may have changed
 */
export async function runFixes(stacks: readonly StackFixes[], { open, confirm, say }: FixOptions): Promise<boolean> {
  for (const { stack, fixes } of stacks) {
    const { context, close } = await open(stack);
    try {
      for (const planned of fixes) say(await previewOf(stack, planned, context));
    } finally {
      close();
    }
  }
  const count = stacks.reduce((sum, { fixes }) => sum + fixes.length, 0);
  if (!(await confirm(count === 1 ? 'Do this?' : `Do these ${count} things?`))) return false;
  for (const { stack, fixes } of stacks) {
    // New: the state and the clients may be old by the time a person has read the preview.
    const { context, close } = await open(stack);
    try {
      for (const { fix } of fixes) {
        say(`${stack}: ${fix.describe}`);
        await fix.run(context);
      }
    } catch (error) {
      say(`${stack}: this failed, and nothing more of this stack is fixed: ${messageOf(error)}`);
    } finally {
      close();
    }
  }
  return true;
}

async function previewOf(stack: string, { fix, findings }: PlannedFix, context: DriftContext): Promise<string> {
  const subjects = [...new Set(findings.map(subjectOf))];
  const lines = [`${stack}: ${fix.describe}`, ...subjects.map((subject) => `  for ${subject}`)];
  const preview = await fix.preview?.(context);
  return [...lines, ...(preview === undefined ? [] : [preview.trimEnd()])].join('\n');
}
