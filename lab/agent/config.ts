import { readFileSync } from 'node:fs';

/** Configuration of a cluster's agent, written as JSON (0600) by `agentProcesses`. Contains paths, no credentials. */
export interface AgentConfig {
  cluster: string;
  /** Admin kubeconfig, which the first control plane writes once it is bootstrapped. */
  kubeconfig: string;
  /** The agent's folder: volumes, temporary files and kubeconfigs of its host processes. */
  workDir: string;
  /** File for the status JSON. */
  statusFile: string;
  /** Folder for the logs of its host processes. */
  logDir: string;
  /** Loopback port of the agent's `/healthz` and `/status`. */
  healthPort: number;
  /** Unix socket of the admission egress proxy, in the form of the API server's `udsName`; "@…" is abstract. */
  egressSocket: string;
  /** Loopback ports by purpose, see hostPrograms.ts. */
  ports: Record<string, number>;
  /** Binaries by tool name. Missing ones may follow: the agent rereads this file. */
  tools: Record<string, string>;
  /** Versions of those binaries. */
  toolVersions: Record<string, string>;
  /** Folders of pinned Go modules, by module path. */
  modules: Record<string, string>;
  /** Environment of everything that connects to the services, see lab/services/proxy/egressEnv.ts. */
  egressEnv: Record<string, string>;
}

/** Reads the agent's configuration file. */
export function readAgentConfig(file: string): AgentConfig {
  return JSON.parse(readFileSync(file, 'utf8')) as AgentConfig;
}
