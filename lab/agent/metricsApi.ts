import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { KubernetesClient } from '../../clients/kubernetes/client';
import { selfSigned } from '../services/proxy/pki';
import type { Deployment, KeyedData } from './kubeTypes';
import type { Serving } from './serviceRoutes';
import type { ProcessState, ProcessStatus } from './status';

/** The Deployment whose pods would do this work. */
export const metricsServerDeployment = { namespace: 'kube-system', name: 'metrics-server' } as const;

/** Where the API server publishes the CA that it identifies itself with, to what it forwards requests to. */
const identityOfApiServer = '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication';
/** The name in that certificate: the simulated control planes allow only this one, as Talos does. */
const nameOfApiServer = 'front-proxy-client';

const version = 'metrics.k8s.io/v1beta1';
const kinds = { nodes: 'NodeMetrics', pods: 'PodMetrics' } as const;

/**
 * Stand-in for metrics-server: answers discovery of its API, so that the API server has all of its APIs, and has no figures, as
 * no kubelet here measures anything. Like the real one, it answers the API server only.
 */
export class MetricsApi {
  /** Its Deployment and loopback port, while it answers. */
  serving: Serving | undefined;
  private server: https.Server | undefined;
  private authority = '';
  private state: ProcessState = 'waiting';
  private message = 'waiting for Deployment kube-system/metrics-server to be available';
  private imageTag: string | undefined;

  /** One round; `deployment` is metrics-server's, if it exists. */
  async reconcile(api: KubernetesClient, deployment: Deployment | undefined): Promise<void> {
    if (deployment === undefined || (deployment.status?.availableReplicas ?? 0) === 0) {
      return this.server === undefined ? undefined : this.end('waiting', 'its Deployment is not available');
    }
    this.imageTag = /:([^:/@]+)(@.*)?$/.exec(deployment.spec.template.spec.containers[0]?.image ?? '')?.[1];
    const published = await api.get<KeyedData>(identityOfApiServer);
    const authority = published?.data?.['requestheader-client-ca-file'];
    if (authority === undefined) return this.end('failed', 'the API server does not say how it identifies itself');
    if (this.server === undefined || authority !== this.authority) await this.start(authority);
    const { port } = this.server?.address() as AddressInfo;
    this.serving = { deployment, ports: portsOf(deployment, port) };
  }

  /** Stops it permanently. */
  stop(): Promise<void> {
    return this.end('stopped', 'the lab agent stopped it');
  }

  /** The entry on the status page. */
  status(): ProcessStatus {
    return {
      name: 'metrics-server (stand-in)',
      version: 'rule',
      real: false,
      state: this.state,
      message: this.message,
      ...(this.imageTag !== undefined && { deploymentVersion: this.imageTag }),
    };
  }

  private async start(authority: string): Promise<void> {
    await this.end('waiting', 'starts');
    const { certificate, privateKey } = await selfSigned('metrics-server.kube-system.svc');
    const server = https.createServer({ cert: certificate, key: privateKey, ca: authority, requestCert: true }, answer);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    [this.server, this.authority] = [server, authority];
    [this.state, this.message] = ['running', `answers discovery of ${version}; has no figures`];
  }

  private async end(state: ProcessState, message: string): Promise<void> {
    const { server } = this;
    [this.server, this.serving, this.state, this.message] = [undefined, undefined, state, message];
    if (server === undefined) return;
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }
}

/** The loopback port, by the number and the name of each port of its container. */
function portsOf({ spec }: Deployment, port: number): Record<string, number> {
  const declared = spec.template.spec.containers[0]?.ports ?? [];
  const names = declared.flatMap(({ name, containerPort }) => [String(containerPort), ...(name ? [name] : [])]);
  return Object.fromEntries(names.map((name) => [name, port]));
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const { status, body } = responseTo(request.url ?? '', nameOf(request));
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function nameOf({ socket }: IncomingMessage): string | undefined {
  const name = (socket as TLSSocket).getPeerCertificate().subject?.CN;
  return Array.isArray(name) ? name[0] : name;
}

/** What it answers to a path, asked by whom. */
export function responseTo(url: string, caller: string | undefined): { status: number; body: unknown } {
  if (caller !== nameOfApiServer) return failure(401, 'Unauthorized', 'only the API server may ask');
  const path = url.replace(/\?.*$/, '');
  if (path === `/apis/${version}`) return { status: 200, body: discovery };
  const [, resource, name] =
    /^\/apis\/metrics\.k8s\.io\/v1beta1(?:\/namespaces\/[^/]+)?\/(nodes|pods)(?:\/([^/]+))?$/.exec(path) ?? [];
  if (resource === undefined) return failure(404, 'NotFound', 'the server could not find the requested resource');
  const kind = kinds[resource as keyof typeof kinds];
  if (name !== undefined) return failure(404, 'NotFound', `${kind} "${name}" not found`);
  return { status: 200, body: { kind: `${kind}List`, apiVersion: version, metadata: {}, items: [] } };
}

const discovery = {
  kind: 'APIResourceList',
  apiVersion: 'v1',
  groupVersion: version,
  resources: Object.entries(kinds).map(([name, kind]) => ({
    name,
    singularName: '',
    namespaced: name === 'pods',
    kind,
    verbs: ['get', 'list'],
  })),
};

function failure(code: number, reason: string, message: string): { status: number; body: unknown } {
  return { status: code, body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code } };
}
