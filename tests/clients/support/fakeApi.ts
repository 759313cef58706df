import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { base64, TestAuthority } from './pki';

export interface Recorded {
  method: string;
  path: string;
  query: Record<string, string>;
  accept: string;
  body: unknown;
}

/** Returns status and body of a response; undefined is a 404. */
export type Handler = (request: Recorded) => { status?: number; body?: unknown } | undefined;

/** A Kubernetes API with mutual TLS on 127.0.0.1. A test provides the responses; requests are recorded. */
export class FakeApi {
  readonly requests: Recorded[] = [];
  handler: Handler = () => undefined;

  private constructor(
    private readonly server: Server,
    readonly kubeconfig: string,
    readonly url: string,
  ) {}

  static async start(): Promise<FakeApi> {
    const authority = await TestAuthority.create();
    const serving = await authority.issue(['127.0.0.1']);
    const admin = await authority.issue([]);
    const server = createServer({ ...serving, ca: authority.cert, requestCert: true, rejectUnauthorized: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const fake = new FakeApi(server, kubeconfigFor(url, authority.cert, admin), url);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const target = new URL(request.url ?? '/', url);
        const text = Buffer.concat(chunks).toString();
        const recorded = {
          method: request.method ?? '',
          path: target.pathname,
          query: Object.fromEntries(target.searchParams),
          accept: request.headers.accept ?? '',
          body: text === '' ? undefined : (JSON.parse(text) as unknown),
        };
        fake.requests.push(recorded);
        const reply = fake.handler(recorded) ?? { status: 404, body: { message: 'not found' } };
        const body = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {});
        response.writeHead(reply.status ?? 200).end(body);
      });
    });
    return fake;
  }

  /** `METHOD path` of every request so far. */
  get requestLines(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export function kubeconfigFor(server: string, ca: string, admin: { cert: string; key: string }): string {
  return JSON.stringify({
    'current-context': 'admin@test',
    contexts: [{ name: 'admin@test', context: { cluster: 'test', user: 'admin' } }],
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [
      {
        name: 'admin',
        user: { 'client-certificate-data': base64(admin.cert), 'client-key-data': base64(admin.key) },
      },
    ],
  });
}
