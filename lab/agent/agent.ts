import { statSync } from 'node:fs';
import type { KubernetesClient } from '../../clients/kubernetes/client';
import { KubernetesUnreachable } from '../../clients/kubernetes/errors';
import { CiliumOperatorStandIn, ciliumOperatorDeployment } from './ciliumOperator';
import { watchChanges } from './changes';
import { readAgentConfig, type AgentConfig } from './config';
import { clientFor } from '../machines/adminClient';
import { hostPrograms } from './hostPrograms';
import type { Deployment, Service } from './kubeTypes';
import { MetricsApi, metricsServerDeployment } from './metricsApi';
import { ProgramRunner } from './programRunner';
import { routeToService, type Route } from './serviceRoutes';
import { StandInOperators } from './standInOperators';
import { cloudflaredDeployment, TunnelConnector } from './tunnelConnector';
import { StatusPage, type ProcessStatus } from './status';
import { VolumeProvisioners } from './volumeProvisioners';

/** How long a list of Services is used, in milliseconds. */
const servicesFor = 2_000;

/** Lists from the API server's watch cache, which is cheap enough for every round. */
const fromCache = { resourceVersion: '0' };

/** The agent of a cluster: whenever something changes, it reconciles host processes with Deployments. */
export class Agent {
  private readonly runners: ProgramRunner[];
  private readonly cilium = new CiliumOperatorStandIn();
  private readonly operators = new StandInOperators();
  private readonly volumes = new VolumeProvisioners();
  private readonly tunnel = new TunnelConnector();
  private readonly metrics = new MetricsApi();
  private readonly page: StatusPage;
  private cluster: { api: KubernetesClient; readAt: number; watching: AbortController } | undefined;
  private services: { at: number; items: Promise<Service[]> } | undefined;
  private message = '';
  private stopped = false;
  /** The status page, as last published. */
  statusText = '';

  constructor(
    private config: AgentConfig,
    private readonly configFile: string,
    private readonly log: (line: string) => void,
    /** Called when there may be something to do before the next regular round. */
    private readonly onChange: () => void,
  ) {
    this.runners = hostPrograms.map((program) => new ProgramRunner(program, config, onChange));
    this.page = new StatusPage(config);
    this.publish('waiting for the first control plane');
  }

  /** One round. Reports errors to the status page and the log; the next round retries. */
  async round(): Promise<void> {
    if (this.stopped) return;
    try {
      const cluster = this.connect();
      if (cluster === undefined) return this.publish('waiting for the first control plane');
      this.rereadTools();
      await this.reconcile(cluster.api);
      this.publish('ready');
    } catch (error) {
      // Host processes keep running without the API server, as pods would.
      await this.tunnel.repeat(this.config);
      const { message } = error as Error;
      this.publish(error instanceof KubernetesUnreachable ? message : `last round failed: ${message}`);
    }
  }

  /** Whether the next round has nothing to do unless something changes. */
  get settled(): boolean {
    return (
      this.message === 'ready' &&
      !this.operators.skipped &&
      !this.volumes.skipped &&
      this.runners.every(({ settled }) => settled)
    );
  }

  /** Resolves an address that the API server dials to the host process behind it. */
  async route(host: string, port: number): Promise<Route> {
    try {
      const serving = [...this.runners, this.metrics].flatMap((one) => (one.serving ? [one.serving] : []));
      return routeToService(await this.listServices(), serving, host, port);
    } catch (error) {
      return { refused: (error as Error).message };
    }
  }

  /** Stops all host processes. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all([this.metrics, ...this.runners].map((one) => one.stop()));
    this.disconnect();
    this.publish('the agent has stopped');
  }

  private async reconcile(api: KubernetesClient): Promise<void> {
    const deployments = await api.list<Deployment>('/apis/apps/v1/deployments', fromCache);
    const find = (namespace: string, name: string): Deployment | undefined =>
      deployments.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
    const { config } = this;
    const { namespace, name } = ciliumOperatorDeployment;
    const results = await Promise.allSettled([
      this.cilium.reconcile(config, api, find(namespace, name)),
      this.operators.reconcile(api, find, this.cilium.gatewayApiProblem),
      this.volumes.reconcile(api, find),
      this.tunnel.reconcile(config, api, find(cloudflaredDeployment.namespace, cloudflaredDeployment.name)),
      this.metrics.reconcile(api, find(metricsServerDeployment.namespace, metricsServerDeployment.name)),
      ...this.runners.map((runner) => {
        const { program } = runner;
        return runner.reconcile({ config, api, deployment: find(program.namespace, program.deployment) });
      }),
    ]);
    const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as Error] : []));
    if (reasons[0] !== undefined && !this.stopped) throw reasons[0];
  }

  /** The client for the current admin kubeconfig; reconnects if the file has changed. */
  private connect(): { api: KubernetesClient } | undefined {
    const writtenAt = modifiedAt(this.config.kubeconfig);
    if (writtenAt === undefined) return undefined;
    if (this.cluster?.readAt === writtenAt) return this.cluster;
    this.disconnect();
    this.cluster = { api: clientFor(this.config.kubeconfig), readAt: writtenAt, watching: new AbortController() };
    this.services = undefined;
    void watchChanges(this.cluster.api.connection, this.onChange, this.cluster.watching.signal);
    this.log(`using the API server at ${this.cluster.api.connection.server}`);
    return this.cluster;
  }

  private disconnect(): void {
    this.cluster?.watching.abort();
    this.cluster?.api.close();
  }

  /** Binaries may still be built while the lab is running. */
  private rereadTools(): void {
    if (hostPrograms.every(({ tool }) => this.config.tools[tool] !== undefined)) return;
    const { tools, toolVersions } = readAgentConfig(this.configFile);
    this.config = { ...this.config, tools, toolVersions };
  }

  private listServices(): Promise<Service[]> {
    const now = Date.now();
    if (this.services === undefined || now - this.services.at > servicesFor) {
      const items = this.cluster?.api.list<Service>('/api/v1/services', fromCache);
      if (items === undefined) throw new Error('the lab agent has no connection to the API server yet');
      this.services = { at: now, items };
    }
    return this.services.items;
  }

  private publish(api: string): void {
    if (api !== this.message) this.log(api);
    this.message = api;
    this.statusText = this.page.publish(api, this.processes());
  }

  private processes(): ProcessStatus[] {
    const programs = this.runners.map((runner) => runner.status(this.config));
    return [
      this.cilium.status(this.config),
      this.tunnel.status(),
      this.metrics.status(),
      ...programs,
      ...this.operators.status(),
      this.volumes.status(),
    ];
  }
}

function modifiedAt(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
