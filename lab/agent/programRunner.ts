import { existsSync, mkdirSync } from 'node:fs';
import * as path from 'node:path';
import type { KubernetesClient } from '../../clients/kubernetes/client';
import { goRuntimeEnv } from '../goRuntime';
import type { AgentConfig } from './config';
import { deploymentToProcess, type ProcessSpec } from './deploymentToProcess';
import { HostProcess, type Launch } from './hostProcess';
import type { HostProgram } from './hostPrograms';
import type { Deployment } from './kubeTypes';
import { ServiceAccountIdentity } from './serviceAccount';
import type { ProcessState, ProcessStatus } from './status';
import { syncVolume } from './volumes';

/** Input of a round. */
export interface Round {
  config: AgentConfig;
  api: KubernetesClient;
  /** The program's Deployment; undefined if there is none. */
  deployment: Deployment | undefined;
}

/** Reconciles a {@link HostProgram} with its Deployment. */
export class ProgramRunner {
  private readonly process: HostProcess;
  private readonly identity: ServiceAccountIdentity;
  private readonly dir: string;
  private state: ProcessState = 'waiting';
  private message: string;
  private imageTag: string | undefined;
  private isWanted = false;
  /** Its Deployment and loopback ports, while it is running. */
  serving: { deployment: Deployment; ports: Record<string, number> } | undefined;

  constructor(
    readonly program: HostProgram,
    config: AgentConfig,
    onEnded: () => void,
  ) {
    this.process = new HostProcess(onEnded);
    this.dir = path.join(config.workDir, program.name);
    this.identity = new ServiceAccountIdentity(this.dir);
    this.message = `waiting for Deployment ${program.namespace}/${program.deployment}`;
  }

  /** One round: starts, restarts, stops or leaves alone. */
  async reconcile(round: Round): Promise<void> {
    const { deployment, config } = round;
    const where = `Deployment ${this.program.namespace}/${this.program.deployment}`;
    this.isWanted = deployment !== undefined && deployment.spec.replicas !== 0;
    if (deployment === undefined || deployment.spec.replicas === 0) {
      const reason = deployment === undefined ? `waiting for ${where}` : `${where} is scaled to 0`;
      return this.stopBecause(deployment === undefined ? 'waiting' : 'stopped', reason);
    }
    const binary = config.tools[this.program.tool];
    if (binary === undefined || !existsSync(binary)) {
      return this.stopBecause(
        'unavailable',
        `the lab has no ${this.program.tool} binary, so nothing does its work and its webhooks return 503`,
      );
    }
    // A pod that becomes unready later (its node is down) is no reason to stop: the kubelet would not stop it either.
    if (this.process.pid === undefined && (deployment.status?.readyReplicas ?? 0) === 0) {
      return this.note('waiting', `${where} has no ready pod yet`);
    }
    const spec = deploymentToProcess(deployment, this.replacements(config));
    this.imageTag = spec.imageTag;
    const launch = await this.prepare(round, binary, spec);
    if (typeof launch === 'string') return this.note('waiting', launch);
    await this.process.ensure(launch);
    this.serving = { deployment, ports: spec.ports };
    this.noteProcess(spec);
  }

  /** Stops the process permanently. */
  async stop(): Promise<void> {
    this.serving = undefined;
    await this.process.close();
    this.note('stopped', 'the lab agent stopped it');
  }

  /** Whether only a change in the cluster, or the end of the process, gives it something to do. */
  get settled(): boolean {
    return this.isWanted === (this.process.pid !== undefined);
  }

  /** The entry on the status page. */
  status(config: AgentConfig): ProcessStatus {
    const { pid, restarts } = this.process;
    return {
      name: this.program.name,
      version: config.toolVersions[this.program.tool] ?? 'unknown',
      real: true,
      state: this.state,
      message: this.message,
      ...(pid === undefined ? {} : { pid }),
      ...(restarts === 0 ? {} : { restarts }),
      ...(this.imageTag === undefined ? {} : { deploymentVersion: this.imageTag }),
    };
  }

  private replacements(config: AgentConfig): Parameters<typeof deploymentToProcess>[1] {
    const ports: Record<number, number> = {};
    for (const [containerPort, name] of Object.entries(this.program.ports ?? {})) {
      const port = config.ports[name];
      if (port !== undefined) ports[Number(containerPort)] = port;
    }
    return {
      container: this.program.container,
      flags: this.program.flags(config),
      env: this.program.env?.(config) ?? {},
      volumesDir: path.join(this.dir, 'volumes'),
      ports,
    };
  }

  private async prepare(round: Round, binary: string, spec: ProcessSpec): Promise<Launch | string> {
    const { api, config, deployment } = round;
    const temporary = path.join(this.dir, 'tmp');
    for (const dir of [temporary, ...spec.dirs]) mkdirSync(dir, { recursive: true, mode: 0o700 });
    for (const volume of spec.volumes) {
      const missing = await syncVolume(api, this.program.namespace, volume);
      if (missing !== undefined) return missing;
    }
    const identity = await this.identity.kubeconfig(api, {
      namespace: this.program.namespace,
      name: spec.serviceAccount,
      installation: deployment?.metadata.uid ?? '',
    });
    if ('waiting' in identity) return identity.waiting;
    return {
      command: binary,
      args: [...(this.program.subcommand ?? []), ...spec.args],
      env: {
        PATH: process.env.PATH ?? '/usr/bin:/bin',
        // Keeps the user's own configuration (registries, clouds, ~/.kube) out of the lab.
        HOME: temporary,
        TMPDIR: temporary,
        ...goRuntimeEnv(),
        ...config.egressEnv,
        ...spec.env,
        KUBECONFIG: identity.file,
      },
      cwd: temporary,
      logFile: path.join(config.logDir, `${config.cluster}-${this.program.name}.log`),
    };
  }

  private noteProcess(spec: ProcessSpec): void {
    const { pid, lastExit, waitSeconds } = this.process;
    if (pid === undefined)
      return this.note('backing off', `it exited (${lastExit}); next start in ${waitSeconds} s, see its log`);
    this.note('running', ['runs on the host', ...spec.gaps].join('; '));
  }

  private note(state: ProcessState, message: string): void {
    this.state = state;
    this.message = message;
  }

  private async stopBecause(state: ProcessState, message: string): Promise<void> {
    this.serving = undefined;
    await this.process.stop();
    this.note(state, message);
  }
}
