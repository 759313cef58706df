import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubernetesClient } from '../../clients/kubernetes/client';
import type { ClusterObjects, Item } from '../../lab/observability/objects';
import { passwordOf } from './tree';

/** Collections that have the objects of a cluster, by the end of their path. */
const plurals: Readonly<Record<keyof ClusterObjects, string>> = {
  vmAgents: 'vmagents',
  vmAuths: 'vmauths',
  vmUsers: 'vmusers',
  vmAlerts: 'vmalerts',
  vmRules: 'vmrules',
  vmAlertmanagers: 'vmalertmanagers',
  vmAlertmanagerConfigs: 'vmalertmanagerconfigs',
  vmClusters: 'vmclusters',
  serviceScrapes: 'vmservicescrapes',
  podScrapes: 'vmpodscrapes',
  nodeScrapes: 'vmnodescrapes',
  serviceMonitors: 'servicemonitors',
  podMonitors: 'podmonitors',
  certificates: 'certificates',
  issuers: 'issuers',
};

/** An API server that has some objects, as far as vmagent and the lab's reading ask. */
export class StubCluster {
  /** What someone has applied, by path. */
  readonly applied = new Map<string, unknown>();
  private readonly lists: Map<string, readonly unknown[]>;
  private readonly server = http.createServer((request, response) => this.answer(request, response));

  /**
   * @param pods in any namespace
   * @param authority certificate and key, PEM, of the Secret that Issuers name, and that senders know
   */
  constructor(
    objects: ClusterObjects,
    pods: readonly Item[],
    private readonly authority: { certificate: string; privateKey: string },
    private readonly sender: string,
  ) {
    this.lists = new Map<string, readonly unknown[]>(
      Object.entries(plurals).map(([key, plural]) => [plural, objects[key as keyof ClusterObjects]]),
    );
    this.lists.set('pods', pods);
    this.lists.set('secrets', this.secrets(objects));
  }

  async start(): Promise<KubernetesClient> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const server = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return new KubernetesClient({ server, certificateAuthority: this.authority.certificate });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Those that the objects name: passwords of users, the authority, and what the agent sends with. */
  private secrets(objects: ClusterObjects): object[] {
    const secret = (name: string, data: Record<string, string>): object => ({
      metadata: { namespace: 'observability', name },
      data: Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
      ),
    });
    const references = objects.vmUsers.flatMap(({ spec }) => {
      const { name, key } = (spec?.['passwordRef'] ?? {}) as { name?: string; key?: string };
      return name === undefined || key === undefined ? [] : [{ name, key }];
    });
    const names = [...new Set(references.map(({ name }) => name))];
    return [
      ...names.map((name) =>
        secret(
          name,
          Object.fromEntries(
            references.filter((one) => one.name === name).map(({ key }) => [key, passwordOf(name, key)]),
          ),
        ),
      ),
      secret('observability-ca', { 'tls.crt': this.authority.certificate, 'tls.key': this.authority.privateKey }),
      secret('metrics-writer', {
        username: `${this.sender}-metrics-writer`,
        password: passwordOf(`writers-${this.sender}`, 'metrics-writer-password'),
        'ca.crt': this.authority.certificate,
      }),
    ];
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x');
    const send = (body: unknown): void =>
      void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    // Nothing changes: a watch stays silent.
    if (searchParams.get('watch') !== null) return void response.writeHead(200).flushHeaders();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'POST') return send({ status: { token: 'a token' } });
      if (request.method === 'PATCH') {
        this.applied.set(pathname, JSON.parse(Buffer.concat(chunks).toString('utf8')));
        return send({ metadata: { name: 'applied' } });
      }
      const [, namespace, plural] = /(?:\/namespaces\/([^/]+))?\/([^/]+)$/.exec(pathname) ?? [];
      const items = (this.lists.get(plural ?? '') ?? []) as Item[];
      return send({
        kind: 'List',
        metadata: { resourceVersion: '1' },
        items: items.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace),
      });
    });
  }
}
