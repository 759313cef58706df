import { readFileSync } from 'node:fs';

const samplingMilliseconds = 10;

/**
 * Watches a process and its descendants until it is stopped; `stop` returns the sum of each one's peak resident memory in
 * MiB. A process that lives shorter than the sampling interval may be missed. Needs Linux.
 */
export function watchMemory(pid: number): { stop(): number } {
  const peaks = new Map<number, number>();
  const sample = (process: number): void => {
    const status = read(`/proc/${process}/status`);
    const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
    peaks.set(process, Math.max(peak, peaks.get(process) ?? 0));
    const children = read(`/proc/${process}/task/${process}/children`);
    for (const child of children.split(' ')) if (child !== '') sample(Number(child));
  };
  const timer = setInterval(() => sample(pid), samplingMilliseconds);
  return {
    stop: () => {
      clearInterval(timer);
      return Math.round([...peaks.values()].reduce((total, kibibytes) => total + kibibytes, 0) / 1024);
    },
  };
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
