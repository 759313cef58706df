import { readFileSync } from 'node:fs';

/** What one cluster's agent is told; written 0600 as JSON by `agentProcesses`. Holds paths, never credentials. */
export interface AgentConfig {
  cluster: string;
  /** Admin kubeconfig that the first control plane writes once it is bootstrapped. */
  kubeconfig: string;
  /** The agent's own folder: volumes, temporary files and kubeconfigs of what it runs. */
  workDir: string;
  /** Where the status JSON goes. */
  statusFile: string;
  /** Folder for the logs of what it runs. */
  logDir: string;
  /** Loopback port of the agent's own `/healthz` and `/status`. */
  healthPort: number;
  /** Unix socket of the admission egress proxy, as the API server's `udsName` has it; "@…" is an abstract one. */
  egressSocket: string;
  /** Loopback ports by purpose, see hostPrograms.ts. */
  ports: Record<string, number>;
  /** Binaries by tool name. One that is not (yet) there may be missing: the agent looks again. */
  tools: Record<string, string>;
  /** Versions of those binaries. */
  toolVersions: Record<string, string>;
  /** Pinned Go modules by path: their folders. */
  modules: Record<string, string>;
  /** Environment for everything that talks to the outside world, see lab/world/egressEnv.ts. */
  egressEnv: Record<string, string>;
}

/** Reads the agent's configuration file. */
export function readAgentConfig(file: string): AgentConfig {
  return JSON.parse(readFileSync(file, 'utf8')) as AgentConfig;
}
