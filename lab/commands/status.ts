import * as path from 'node:path';
import { isAlive } from '../../tools/processIdentity';
import type { StartedProcess } from '../executor/startProcess';
import { readState } from '../state';
import { reportProcesses } from '../up/processReport';

/** A process in `lab status`. */
export interface ProcessStatusLine {
  name: string;
  version: string;
  real: boolean;
  /** Absent for processes that a machine, an agent or Pulumi runs. */
  pid?: number;
  running?: boolean;
  ports?: Record<string, number>;
  log?: string;
}

/** What `lab status --json` prints. */
export interface LabStatus {
  running: boolean;
  prefix?: string;
  startedAt?: string;
  clusters: string[];
  processes: ProcessStatusLine[];
}

/** The lab of a checkout, according to its state file and its processes. */
export function labStatus(root: string, isRunning: (started: StartedProcess) => boolean = isAlive): LabStatus {
  const labDir = path.join(root, '.lab');
  const state = readState(labDir);
  if (state === undefined) return { running: false, clusters: [], processes: [] };
  const processes = reportProcesses(labDir, state).map((report): ProcessStatusLine => {
    const started = state.parts.find(({ name }) => name === report.name);
    if (started === undefined) return report;
    return {
      ...report,
      pid: started.pid,
      running: isRunning(started),
      ports: started.ports,
      log: path.relative(root, started.log),
    };
  });
  const { prefix, startedAt, clusters } = state;
  return {
    running: state.parts.some(isRunning),
    prefix,
    startedAt,
    clusters,
    processes: state.parts.length > 0 ? processes : [],
  };
}

/** The status as lines for people: one per process. */
export function statusLines({ processes }: LabStatus): string[] {
  if (processes.length === 0) return ['the lab is not running; `npm run lab` starts it'];
  const width = Math.max(...processes.map(({ name }) => name.length));
  return processes.map(({ name, version, real, running, pid }) => {
    const state = running === undefined ? '' : running ? `running, pid ${pid}` : 'NOT RUNNING';
    const kind = real ? 'real' : 'stand-in';
    return `${name.padEnd(width)}  ${version.padEnd(24)}  ${kind.padEnd(8)}  ${state}`.trimEnd();
  });
}

/** `lab status`: a table, or JSON. */
export function statusCommand(root: string, json: boolean): void {
  const status = labStatus(root);
  const text = json ? JSON.stringify(status, undefined, 2) : statusLines(status).join('\n');
  process.stdout.write(`${text}\n`);
}
