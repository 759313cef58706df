import { writePrivate } from '../files';
import type { AgentConfig } from './config';

/** Where one of the agent's parts is in its life. */
export type ProcessState = 'waiting' | 'running' | 'backing off' | 'stopped' | 'unavailable' | 'done' | 'failed';

/** One thing the agent runs or stands in for. */
export interface ProcessStatus {
  name: string;
  /** Version of the binary, or of what is stood in for. */
  version: string;
  real: boolean;
  state: ProcessState;
  /** Why it is in that state, for people. */
  message: string;
  pid?: number;
  restarts?: number;
  /** Image tag its Deployment asks for, when the pods are there. */
  deploymentVersion?: string;
}

/** The agent's status page: `agent.json` and GET /status. */
export interface AgentStatus {
  cluster: string;
  /** What this process is, for whoever reads the page alone. */
  description: string;
  /** Whether the API server answered last time, and if not why. */
  api: string;
  parts: ProcessStatus[];
}

/** Keeps the status page on disk up to date; writes only when something changed. */
export class StatusPage {
  private written = '';

  constructor(private readonly config: Pick<AgentConfig, 'cluster' | 'statusFile'>) {}

  /** The page as JSON text, written if it differs from the last one. */
  publish(api: string, parts: ProcessStatus[]): string {
    const status: AgentStatus = {
      cluster: this.config.cluster,
      description: 'lab agent: runs real controllers on the host in place of simulated pods',
      api,
      parts,
    };
    const text = `${JSON.stringify(status, undefined, 2)}\n`;
    if (text !== this.written) writePrivate(this.config.statusFile, text);
    this.written = text;
    return text;
  }
}
