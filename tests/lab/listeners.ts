import * as fs from 'node:fs';
import { findMarked } from '../../lab/executor/marker';
import { parseListeners, type Listener } from '../../lab/ports';

/** The listening TCP sockets of a lab's processes and all their children. */
export function labListeners(labDir: string): Listener[] {
  const pids = new Set(findMarked(labDir));
  const parents = new Map(processes().map((pid) => [pid, parentOf(pid)]));
  const isOurs = (pid: number | undefined): boolean => pid !== undefined && (pids.has(pid) || isOurs(parents.get(pid)));
  const inodes = new Set([...parents.keys()].filter(isOurs).flatMap(socketsOf));
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => {
    const [head = '', ...lines] = fs.readFileSync(file, 'utf8').split('\n');
    return parseListeners([head, ...lines.filter((line) => inodes.has(line.trim().split(/\s+/)[9] ?? ''))].join('\n'));
  });
}

function processes(): number[] {
  return fs.readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/** Undefined for a process that has exited, and for the first one. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) || undefined;
  } catch {
    return undefined;
  }
}

function socketsOf(pid: number): string[] {
  try {
    const folder = `/proc/${pid}/fd`;
    return fs.readdirSync(folder).flatMap((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(`${folder}/${fd}`))?.[1] ?? []);
  } catch {
    return [];
  }
}

function linkOf(file: string): string {
  try {
    return fs.readlinkSync(file);
  } catch {
    return '';
  }
}
