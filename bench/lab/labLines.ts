import type { StampedLine } from './recording';

/** What the lines of `lab up` say about its own steps. Times as in the lines. */
export interface LabSteps {
  tools: { name: string; start: number; end: number }[];
  /** From the start of each process to when it was ready, in the order in which they were. */
  processes: { name: string; start: number; ready: number }[];
  /** When the checks, the tools and Git were done. */
  published?: number;
  /** When the vaults contained all items. */
  filled?: number;
  /** By cluster: when `preflight` had passed. */
  preflight: Record<string, number>;
}

/** Reads the steps, also from the lines of versions before the display of steps; those without a line are absent. */
export function labSteps(lines: readonly StampedLine[]): LabSteps {
  const steps: LabSteps = { tools: [], processes: [], preflight: {} };
  const building = new Map<string, number>();
  for (const { at, text } of lines) {
    const [, tool] = /^(\S+) \S+: build(?:,|$)/.exec(text) ?? /^tools: building (\S+) /.exec(text) ?? [];
    if (tool !== undefined) building.set(tool, at);
    const [, built = ''] = /^(\S+) \S+: done .*, built$/.exec(text) ?? /^tools: built (\S+) /.exec(text) ?? [];
    const start = building.get(built);
    if (start !== undefined) steps.tools.push({ name: built, start, end: at });
    const [, name, seconds] = /^(\S+) .*ready after ([\d.]+) s$/.exec(text) ?? [];
    if (name !== undefined) steps.processes.push({ name, start: at - Number(seconds) * 1000, ready: at });
    if (/^Git: published /.test(text)) steps.published = at;
    if (/^1Password .*: filled /.test(text)) steps.filled = at;
    const [, cluster] =
      /^(\S+) preflight: done .* passed$/.exec(text) ?? /^(\S+): preflight: .* passed/.exec(text) ?? [];
    if (cluster !== undefined) steps.preflight[cluster] = at;
  }
  return steps;
}

/** A line of `lab up` without its column of seconds. */
export function withoutSeconds(line: string): string {
  return line.replace(/^\s*\d+s {2}/, '');
}
