import { ticksPerSecond } from './coreLoad';
import type { ProcessRecord } from './recording';

/** CPU times of a process at one moment. */
export interface ProcessTimes {
  pid: number;
  ppid: number;
  /** Clock ticks since boot at which it started; tells a reused pid from the original. */
  startTicks: number;
  /** Ticks that it used itself. */
  ownTicks: number;
  /** Ticks of its descendants that have ended. */
  childTicks: number;
}

/** Who a process is. */
export interface ProcessName {
  name: string;
  cluster?: string;
}

interface Account {
  times: ProcessTimes;
  who: ProcessName;
  start: number;
  lastSeen: number;
  /** Ticks of ended children that have accounts of their own; the rest of `childTicks` were never seen. */
  seenChildTicks: number;
  parent?: Account;
  /** Once it has ended: the ticks of its children that no sample saw, as far as was known by then. */
  unseenAtEnd?: number;
}

/** Parses /proc/<pid>/stat. Undefined for a zombie, whose ticks its parent gets in a moment, and for other text. */
export function parseProcessStat(pid: number, text: string): ProcessTimes | undefined {
  // The program's name is in parentheses and may contain spaces and parentheses: count fields from the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const number = (at: number): number => Number(fields[at]);
  if (fields.length < 20 || fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return {
    pid,
    ppid: number(1),
    startTicks: number(19),
    ownTicks: number(11) + number(12),
    childTicks: number(13) + number(14),
  };
}

/**
 * Adds up the CPU of processes from samples. A process that ends between two samples loses nothing: the kernel adds its
 * ticks to its parent's `childTicks`, and what no sample saw is booked as `<parent>: short-lived children`.
 */
export class CpuAccounts {
  private readonly accounts: Account[] = [];
  private readonly alive = new Map<number, Account>();

  /** The account of a live process that an earlier sample had. */
  find(pid: number, startTicks: number): ProcessName | undefined {
    const account = this.alive.get(pid);
    return account?.times.startTicks === startTicks ? account.who : undefined;
  }

  /**
   * Books a sample of all processes of the lab.
   * @param at milliseconds since the epoch
   * @param startOf start of a process in milliseconds since the epoch
   */
  book(at: number, sample: readonly (ProcessTimes & { who: ProcessName })[], startOf: (ticks: number) => number): void {
    const present = new Map(sample.map((one) => [one.pid, one.startTicks]));
    const ended = [...this.alive.values()].filter(({ times }) => present.get(times.pid) !== times.startTicks);
    for (const account of ended) {
      account.unseenAtEnd = unseenTicks(account);
      this.alive.delete(account.times.pid);
    }
    // Children before their parents: if both have ended, the grandparent gets the ticks of both.
    for (const { parent, times, unseenAtEnd = 0, seenChildTicks } of ended.reverse()) {
      if (parent !== undefined) parent.seenChildTicks += times.ownTicks + unseenAtEnd + seenChildTicks;
    }
    const fresh: Account[] = [];
    for (const { who, ...times } of sample) {
      let account = this.alive.get(times.pid);
      if (account === undefined) {
        account = { times, who, start: startOf(times.startTicks), lastSeen: at, seenChildTicks: 0 };
        this.alive.set(times.pid, account);
        this.accounts.push(account);
        fresh.push(account);
      }
      account.times = times;
      account.lastSeen = at;
    }
    for (const account of fresh) account.parent = this.alive.get(account.times.ppid);
  }

  /** CPU seconds so far by cluster; `shared` for everything else. */
  byCluster(): Record<string, number> {
    const sums: Record<string, number> = {};
    for (const account of this.accounts) {
      const key = account.who.cluster ?? 'shared';
      sums[key] = (sums[key] ?? 0) + (account.times.ownTicks + unseenTicks(account)) / ticksPerSecond;
    }
    return sums;
  }

  /** One record per name and cluster, the most expensive first. */
  records(): ProcessRecord[] {
    const records = new Map<string, ProcessRecord>();
    const add = (who: ProcessName, account: Account, ticks: number): void => {
      const key = `${who.name}\n${who.cluster ?? ''}`;
      const end = account.unseenAtEnd === undefined ? undefined : account.lastSeen;
      const record = records.get(key);
      if (record === undefined) {
        const { start } = account;
        records.set(key, { ...who, start, end, processes: 1, cpuSeconds: ticks / ticksPerSecond });
        return;
      }
      record.start = Math.min(record.start, account.start);
      record.end = record.end === undefined || end === undefined ? undefined : Math.max(record.end, end);
      record.processes += 1;
      record.cpuSeconds += ticks / ticksPerSecond;
    };
    for (const account of this.accounts) {
      add(account.who, account, account.times.ownTicks);
      const unseen = unseenTicks(account);
      if (unseen > 0) add({ ...account.who, name: `${account.who.name}: short-lived children` }, account, unseen);
    }
    return [...records.values()]
      .map((record) => ({ ...record, cpuSeconds: Math.round(record.cpuSeconds * 100) / 100 }))
      .sort((a, b) => b.cpuSeconds - a.cpuSeconds || a.name.localeCompare(b.name));
  }
}

function unseenTicks({ times, seenChildTicks, unseenAtEnd }: Account): number {
  return unseenAtEnd ?? Math.max(0, times.childTicks - seenChildTicks);
}
