import { createHash } from 'node:crypto';
import * as path from 'node:path';
import type { LabCluster, LabContext } from '../context';
import type { LabProcess } from '../executor/process';
import { egressEnv } from '../services/proxy/egressEnv';
import type { AgentConfig } from './config';
import { hostModules, hostPortNames, hostPrograms } from './hostPrograms';

/** What {@link agentProcesses} needs in addition to the context. */
export interface AgentProcessOptions {
  /** Versions of the tools that agents run, by tool name. */
  toolVersions: Record<string, string>;
  /** Names of the processes that must be ready first. */
  needs: string[];
  /** Admin kubeconfig of a cluster, as its first control plane writes it. */
  kubeconfig: (cluster: LabCluster) => string;
}

/** Tools that agents run if the lab has them. */
export const agentTools: readonly string[] = [...new Set(hostPrograms.map(({ tool }) => tool))];

/** The status JSON of a cluster's agent. */
export function agentStatusFile(ctx: LabContext, cluster: string): string {
  return ctx.path('clusters', cluster, 'agent.json');
}

/** Length of a Unix socket address without the leading zero byte of an abstract name. */
const fullNameLength = 107;

/**
 * The Unix socket of a cluster's admission egress proxy, in the notation of the API server's EgressSelectorConfiguration
 * (`transport.uds.udsName`; over TCP the proxy would need mutual TLS). It is abstract, so it leaves no file and its length does
 * not depend on the path of the checkout. It has the maximum length because Node pads shorter names with zero bytes and Go,
 * hence the API server, does not: the two would use different names.
 */
export function egressSocket(ctx: Pick<LabContext, 'dir'>, cluster: string): string {
  const lab = createHash('sha256').update(ctx.dir).digest('hex').slice(0, 16);
  return `@${`k8s-gitops-lab-${lab}-${cluster}-`.padEnd(fullNameLength, '.')}`;
}

/** The agents, one per cluster. Writes their configuration files. */
export function agentProcesses(ctx: LabContext, options: AgentProcessOptions): LabProcess[] {
  return ctx.clusters.map((cluster) => {
    const name = `agent-${cluster.name}`;
    const config = agentConfig(ctx, cluster, options);
    return {
      name,
      version: 'lab',
      real: false,
      needs: options.needs,
      command: ctx.node('lab/agent/main.ts', ctx.writeConfig(name, config)),
      ready: { kind: 'http', url: `http://127.0.0.1:${config.healthPort}/healthz` },
      ports: { health: config.healthPort, ...config.ports },
      stopSeconds: 15,
    };
  });
}

function agentConfig(ctx: LabContext, cluster: LabCluster, options: AgentProcessOptions): AgentConfig {
  const tools = Object.fromEntries(
    agentTools.flatMap((tool) => (ctx.tools[tool] === undefined ? [] : [[tool, ctx.tools[tool]]])),
  );
  return {
    cluster: cluster.name,
    kubeconfig: options.kubeconfig(cluster),
    workDir: ctx.path('clusters', cluster.name, 'host'),
    statusFile: agentStatusFile(ctx, cluster.name),
    logDir: path.join(ctx.dir, 'logs'),
    healthPort: ctx.port(`agent-${cluster.name}`),
    egressSocket: egressSocket(ctx, cluster.name),
    ports: Object.fromEntries(hostPortNames.map((port) => [port, ctx.port(`${cluster.name}-${port}`)])),
    tools,
    toolVersions: options.toolVersions,
    modules: Object.fromEntries(Object.values(hostModules).map((module) => [module, ctx.moduleDir(module)])),
    egressEnv: egressEnv(ctx),
  };
}
