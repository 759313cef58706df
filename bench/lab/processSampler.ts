import { readdirSync, readFileSync } from 'node:fs';
import { markerVariable } from '../../lab/executor/marker';
import { ticksPerSecond } from './coreLoad';
import { type CpuAccounts, parseProcessStat, type ProcessName, type ProcessTimes } from './cpuAccounts';
import { nameProcess } from './processName';

const samplesPerFullScan = 10;

/**
 * Samples the CPU of a lab's processes: those with its marker, and the command that starts it with its children. Reads
 * arguments and environment of a process only once.
 */
export class ProcessSampler {
  /** Pids that are not the lab's, by start time; otherwise every sample would read their environment. */
  private readonly foreign = new Map<number, number>();
  private samples = 0;

  constructor(
    private readonly labDir: string,
    private readonly clusters: Readonly<Record<string, readonly string[]>>,
    readonly accounts: CpuAccounts,
    /** Pid of `lab up`, which has no marker. */
    private readonly command?: number,
  ) {}

  /** Takes one sample. */
  sample(): void {
    const now = Date.now();
    const bootedAt = now - Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]) * 1000;
    // Most processes of a machine are not the lab's: whether one of their pids was reused can wait.
    const skipForeign = this.samples++ % samplesPerFullScan !== 0;
    const all: ProcessTimes[] = [];
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name) || (skipForeign && this.foreign.has(Number(name)))) continue;
      const text = readIfThere(`/proc/${name}/stat`);
      const times = text === undefined ? undefined : parseProcessStat(Number(name), text);
      if (times !== undefined) all.push(times);
    }
    // Parents start before their children, so that a child's name can depend on its parent's.
    all.sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid);
    const ours = new Map<number, ProcessTimes & { who: ProcessName }>();
    for (const times of all) {
      const who = this.accounts.find(times.pid, times.startTicks) ?? this.recognise(times, ours.get(times.ppid)?.who);
      if (who !== undefined) ours.set(times.pid, { ...times, who });
    }
    this.accounts.book(now, [...ours.values()], (ticks) => Math.round(bootedAt + (ticks / ticksPerSecond) * 1000));
  }

  /** The name of a process that no earlier sample had; undefined if it is not the lab's. */
  private recognise({ pid, startTicks }: ProcessTimes, parent: ProcessName | undefined): ProcessName | undefined {
    if (this.foreign.get(pid) === startTicks && parent === undefined) return undefined;
    const prefix = `${markerVariable}=${this.labDir}#`;
    const environment = readIfThere(`/proc/${pid}/environ`)?.split('\0');
    const owner = environment?.find((line) => line.startsWith(prefix))?.slice(prefix.length);
    if (owner === undefined && parent === undefined && pid !== this.command) {
      this.foreign.set(pid, startTicks);
      return undefined;
    }
    const argv = (readIfThere(`/proc/${pid}/cmdline`) ?? '').split('\0').slice(0, -1);
    return nameProcess({ argv, owner, parent, clusters: this.clusters });
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined; // It has ended in the meantime, or belongs to another user.
  }
}
