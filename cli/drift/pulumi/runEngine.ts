import type { EngineEvent } from '@pulumi/pulumi/automation';
import { type EngineRun, readEvents } from './events';

/** A run of the engine that changes nothing. */
export type EngineCommand = 'refresh' | 'preview' | 'preview --refresh';

/** How to run the engine. */
export interface EngineOptions {
  stack: string;
  /** The folder of the Pulumi project. */
  project: string;
  signal: AbortSignal;
}

/** The stack is locked by an update. */
export class StackLocked extends Error {}

/**
 * Runs the engine through Pulumi's Automation API, with the CLI on PATH and the environment of this process. Changes neither the
 * state nor the stack that is selected in the project's folder. A run that fails has errors in its result.
 *
 * @throws StackLocked; Error if the engine did not run
 */
export async function runEngine(command: EngineCommand, { stack, project, signal }: EngineOptions): Promise<EngineRun> {
  // Loads half of Pulumi, which other layers need not wait for.
  const { ConcurrentUpdateError, LocalWorkspace, Stack } = await import('@pulumi/pulumi/automation');
  const events: EngineEvent[] = [];
  const onEvent = (event: EngineEvent): void => void events.push(event);
  try {
    const workspace = await LocalWorkspace.create({ workDir: project });
    // Every command names its stack; selecting one would change it for the person who works in that folder.
    workspace.selectStack = () => Promise.resolve();
    const engine = await Stack.select(stack, workspace);
    const options = { onEvent, signal, color: 'never' } as const;
    if (command === 'refresh') await engine.previewRefresh(options);
    else await engine.preview({ ...options, refresh: command === 'preview --refresh' });
    return readEvents(events);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ConcurrentUpdateError) throw new StackLocked('an update of the stack is running');
    const run = readEvents(events);
    if (run.errors.length > 0) return run;
    throw new Error(reasonOf(error as Error));
  }
}

/** The CLI's own words in a failed command of the Automation API, whose message has the whole output. */
function reasonOf({ message }: Error): string {
  const errors = [...message.matchAll(/^\s*error: (.+)$/gm)].map(([, text = '']) => text.trim());
  return (errors.length > 0 ? [...new Set(errors)].join('; ') : message.trim()).slice(0, 1000);
}
