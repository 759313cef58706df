import * as path from 'node:path';
import { isAlive } from '../../tools/processIdentity';
import { readState } from '../state';
import { reportProcesses } from '../up/processReport';

/** One line of `lab status`. */
export interface ProcessStatusLine {
  name: string;
  version: string;
  real: boolean;
  /** Absent for what a machine, an agent or Pulumi runs. */
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
  parts: ProcessStatusLine[];
}

/** The lab of a checkout, from its state file and the processes themselves. */
export function labStatus(root: string): LabStatus {
  const labDir = path.join(root, '.lab');
  const state = readState(labDir);
  if (state === undefined) return { running: false, clusters: [], parts: [] };
  const parts = reportProcesses(labDir, state).map((part): ProcessStatusLine => {
    const started = state.parts.find(({ name }) => name === part.name);
    if (started === undefined) return part;
    return {
      ...part,
      pid: started.pid,
      running: isAlive(started),
      ports: started.ports,
      log: path.relative(root, started.log),
    };
  });
  const { prefix, startedAt, clusters } = state;
  return {
    running: state.parts.some(isAlive),
    prefix,
    startedAt,
    clusters,
    parts: state.parts.length > 0 ? parts : [],
  };
}

/** `lab status`: a table, or JSON. */
export function statusCommand(root: string, json: boolean): void {
  const status = labStatus(root);
  if (json) {
    process.stdout.write(`${JSON.stringify(status, undefined, 2)}\n`);
    return;
  }
  if (status.parts.length === 0) {
    process.stdout.write('the lab is not up; `npm run lab` raises it\n');
    return;
  }
  const width = Math.max(...status.parts.map(({ name }) => name.length));
  for (const part of status.parts) {
    const state = part.running === undefined ? '' : part.running ? `running, pid ${part.pid}` : 'NOT RUNNING';
    const kind = part.real ? 'real' : 'stand-in';
    process.stdout.write(`${part.name.padEnd(width)}  ${part.version.padEnd(24)}  ${kind.padEnd(8)}  ${state}\n`);
  }
}
