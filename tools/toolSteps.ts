import type { StepSink, StepUpdate } from './display/steps';
import { tools, type ToolName } from './manifest';
import { progressLine, type ToolProgress, type ToolStep } from './toolProgress';

/** The step that stands for all tools; each missing one has a step below it. */
export const toolsStep = 'tools';

/** Shows progress of `ensureTools`: steps, and notes as lines. */
export function showTools(display: { step: StepSink; log: (line: string) => void }): (progress: ToolProgress) => void {
  return (progress) => {
    toolSteps(progress).forEach(display.step);
    const note = progress.kind === 'note' ? progressLine(progress) : undefined;
    if (note !== undefined) display.log(note);
  };
}

/** The changes of steps that progress of `ensureTools` means. Notes are lines, not steps: none for them. */
export function toolSteps(progress: ToolProgress): StepUpdate[] {
  switch (progress.kind) {
    case 'waiting':
      return [
        {
          id: toolsStep,
          state: 'running',
          detail: `another run (process ${progress.pid}) provides tools; waiting for it`,
        },
      ];
    case 'missing':
      if (progress.tools.length === 0) return [{ id: toolsStep, state: 'running', detail: '' }];
      return [
        {
          id: toolsStep,
          state: 'running',
          way: `${progress.tools.length} missing`,
          detail: '',
          amount: amount(0, progress.tools.length),
        },
        ...progress.tools.map((tool): StepUpdate => ({ id: idOf(tool), label: labelOf(tool), state: 'waiting' })),
      ];
    case 'note':
      return [];
    case 'tool':
      return [oneTool(progress), { id: toolsStep, state: 'running', amount: amount(progress.done, progress.total) }];
  }
}

function oneTool({ tool, phase, source, doneBytes, totalBytes }: ToolStep): StepUpdate {
  const id = idOf(tool);
  const label = labelOf(tool);
  if (phase === 'done') return { id, label, state: 'done', detail: source };
  const bytes = doneBytes === undefined ? undefined : ({ done: doneBytes, total: totalBytes, unit: 'bytes' } as const);
  return { id, label, state: 'running', way: phase, amount: bytes };
}

function amount(done: number, total: number): StepUpdate['amount'] {
  return { done, total, unit: 'items' };
}

function idOf(tool: ToolName): string {
  return `${toolsStep}/${tool}`;
}

function labelOf(tool: ToolName): string {
  return `${tool} ${tools[tool].version}`;
}
