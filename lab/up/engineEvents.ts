import * as fs from 'node:fs';
import * as path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { EngineEvent } from '@pulumi/pulumi/automation';
import type { LabContext } from '../context';

/** The part of an engine event that the lab reads. Pulumi has already removed secrets. */
export type UpEvent = Pick<EngineEvent, 'resourcePreEvent' | 'resOutputsEvent' | 'diagnosticEvent'>;

/** Events of one run of the Pulumi CLI. */
export interface EventLog {
  /** Arguments and environment that make the CLI write its events, as Pulumi's Automation API does. */
  args: string[];
  env: Record<string, string>;
  /** Reads what is left, and deletes the file. */
  close: () => void;
}

const pollMilliseconds = 200;

/** Follows the engine events of a run. The CLI's text output is for people and changes between versions; events are typed. */
export function followEvents(ctx: LabContext, stack: string, onEvent: (event: UpEvent) => void): EventLog {
  const file = ctx.path('pulumi', `events-${stack}.jsonl`);
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  fs.rmSync(file, { force: true });
  fs.writeFileSync(file, '', { mode: 0o600 });
  const read = followLines(file, (line) => {
    const event = parse(line);
    if (event !== undefined) onEvent(event);
  });
  const timer = setInterval(read, pollMilliseconds).unref();
  return {
    args: ['--event-log', file],
    env: { PULUMI_DEBUG_COMMANDS: 'true' },
    close() {
      clearInterval(timer);
      read();
      fs.rmSync(file, { force: true });
    },
  };
}

/** Returns a function that passes on the lines that were completed since its last call. */
export function followLines(file: string, onLine: (line: string) => void): () => void {
  const decoder = new StringDecoder('utf8');
  const buffer = Buffer.alloc(64 * 1024);
  let position = 0;
  let rest = '';
  return () => {
    const descriptor = fs.openSync(file, 'r');
    try {
      for (;;) {
        const count = fs.readSync(descriptor, buffer, 0, buffer.length, position);
        if (count === 0) break;
        position += count;
        rest += decoder.write(buffer.subarray(0, count));
      }
    } finally {
      fs.closeSync(descriptor);
    }
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  };
}

function parse(line: string): UpEvent | undefined {
  try {
    return JSON.parse(line) as UpEvent;
  } catch {
    return undefined; // The display can do without it; the text log has everything.
  }
}
