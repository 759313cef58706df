import { writePrivate } from '../files';
import type { AgentConfig } from './config';

/** Lifecycle state of a process. */
export type ProcessState = 'waiting' | 'running' | 'backing off' | 'stopped' | 'unavailable' | 'done' | 'failed';

/** A process that the agent runs or stands in for. */
export interface ProcessStatus {
  name: string;
  /** Version of the binary, or of what it stands in for. */
  version: string;
  real: boolean;
  state: ProcessState;
  /** Human-readable reason for the state. */
  message: string;
  pid?: number;
  restarts?: number;
  /** Image tag in its Deployment, once the Deployment has been seen. */
  deploymentVersion?: string;
}

/** The agent's status page: `agent.json` and GET /status. */
export interface AgentStatus {
  cluster: string;
  /** What the agent is, for readers of the file alone. */
  description: string;
  /** Result of the last round: "ready", or the error. */
  api: string;
  /** Called `parts` in `agent.json`. */
  parts: ProcessStatus[];
}

/** Keeps the status page on disk up to date. Writes only changes. */
export class StatusPage {
  private written = '';

  constructor(private readonly config: Pick<AgentConfig, 'cluster' | 'statusFile'>) {}

  /** Writes the page if it has changed, and returns its JSON text. */
  publish(api: string, processes: ProcessStatus[]): string {
    const status: AgentStatus = {
      cluster: this.config.cluster,
      description: 'lab agent: runs real controllers on the host in place of simulated pods',
      api,
      parts: processes,
    };
    const text = `${JSON.stringify(status, undefined, 2)}\n`;
    if (text !== this.written) writePrivate(this.config.statusFile, text);
    this.written = text;
    return text;
  }
}
