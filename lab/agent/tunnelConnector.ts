import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { ProxyAgent, request } from 'undici';
import type { KubernetesClient } from '../../clients/kubernetes/client';
import { messageOf } from '../../clients/userError';
import { proxyFor } from '../../net/proxyFor';
import { connectionsPath, connectorHost } from '../services/cloudflare/connections';
import type { AgentConfig } from './config';
import type { Deployment, KeyedData } from './kubeTypes';
import type { ProcessState, ProcessStatus } from './status';

/** The Deployment whose pods would do this work. */
export const cloudflaredDeployment = { namespace: 'networking', name: 'cloudflared' } as const;
/** The key of its Secret with the tunnel's token, as its arguments name it. */
const tokenKey = 'token';
/** Milliseconds after which Cloudflare's stand-in hears of the pods again. */
const interval = 10_000;

/**
 * Stand-in for cloudflared: tells Cloudflare's stand-in how many pods of it run, with the token that they would read. It
 * carries no request.
 */
export class TunnelConnector {
  private state: ProcessState = 'waiting';
  private message = 'waiting for Deployment networking/cloudflared to be available';
  private imageTag: string | undefined;
  private toldAt = 0;
  private told: { token: string; connectors: number } | undefined;

  constructor(private readonly tell = tellCloudflare) {}

  /** One round; `deployment` is cloudflared's, if it exists. */
  async reconcile(config: AgentConfig, api: KubernetesClient, deployment: Deployment | undefined): Promise<void> {
    const connectors = deployment?.status?.availableReplicas ?? 0;
    if (deployment === undefined || (connectors === 0 && this.told === undefined)) return;
    const { containers, volumes = [] } = deployment.spec.template.spec;
    this.imageTag = /:([^:/@]+)(@.*)?$/.exec(containers[0]?.image ?? '')?.[1];
    const secret = volumes.find((volume) => volume.secret !== undefined)?.secret?.secretName ?? '';
    const path = `/api/v1/namespaces/${cloudflaredDeployment.namespace}/secrets/${secret}`;
    const encoded = (await api.get<KeyedData>(path))?.data?.[tokenKey] ?? '';
    const token = Buffer.from(encoded, 'base64').toString();
    await this.report(config, { token, connectors });
  }

  /** A round without the API server: pods stay connected. */
  async repeat(config: AgentConfig): Promise<void> {
    if (this.told !== undefined && this.told.connectors > 0) await this.report(config, this.told);
  }

  private async report(config: AgentConfig, body: { token: string; connectors: number }): Promise<void> {
    if (isDeepStrictEqual(body, this.told) && Date.now() - this.toldAt < interval) return;
    // Without an answer, pods would not be connected either; the next round tries again.
    const status = await this.tell(config, body).catch((error: unknown) => messageOf(error));
    [this.told, this.toldAt] = [body, Date.now()];
    this.state = status === 200 ? (body.connectors === 0 ? 'stopped' : 'running') : 'failed';
    this.message =
      status === 200
        ? `tells Cloudflare's stand-in of ${body.connectors} pods; carries no request`
        : `Cloudflare's stand-in does not take its connections: ${status}`;
  }

  /** The entry on the status page. */
  status(): ProcessStatus {
    const { state, message, imageTag } = this;
    return {
      ...{ name: 'cloudflared (stand-in)', version: 'rule', real: false, state, message },
      ...(imageTag === undefined ? {} : { deploymentVersion: imageTag }),
    };
  }
}

/** Sends the body through the lab's proxy, and returns the status of the response. */
async function tellCloudflare(
  { egressEnv }: AgentConfig,
  body: { token: string; connectors: number },
): Promise<number> {
  const url = `https://${connectorHost}${connectionsPath}`;
  const ca = readFileSync(egressEnv.NODE_EXTRA_CA_CERTS ?? '', 'utf8');
  const dispatcher = new ProxyAgent({ uri: proxyFor(url, egressEnv) ?? '', requestTls: { ca } });
  try {
    const signal = AbortSignal.timeout(5_000);
    const headers = { 'content-type': 'application/json' };
    const response = await request(url, { method: 'POST', headers, body: JSON.stringify(body), dispatcher, signal });
    await response.body.dump();
    return response.statusCode;
  } finally {
    await dispatcher.destroy();
  }
}
