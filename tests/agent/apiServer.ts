import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubernetesClient } from '../../clients/kubernetes/client';
import type { Deployment } from '../../lab/agent/kubeTypes';

/** A Deployment with that many available replicas. */
export const available = (availableReplicas: number): Deployment => ({
  metadata: { name: 'd' },
  spec: { template: { spec: { containers: [] } } },
  status: { availableReplicas },
});

/** A change that a test's API server received. */
export interface Change {
  path: string;
  body: unknown;
  method?: string;
}

/** Runs a test with an API server that serves the given objects by path, and records every change it receives. */
export async function withApi(
  objects: Record<string, unknown>,
  test: (api: KubernetesClient, changes: Change[]) => Promise<void>,
): Promise<void> {
  const changes: Change[] = [];
  const server = http.createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const body = text === '' ? undefined : (JSON.parse(text) as unknown);
      if (request.method === 'PATCH') changes.push({ path, body });
      else if (request.method !== 'GET') changes.push({ path, body, method: request.method });
      const items = objects[path];
      response.writeHead(request.method === 'GET' && items === undefined ? 404 : 200);
      const found = Array.isArray(items) ? { items } : (items ?? { reason: 'NotFound', message: 'no' });
      response.end(JSON.stringify(request.method === 'GET' ? found : {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const api = new KubernetesClient({
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    certificateAuthority: '',
  });
  try {
    await test(api, changes);
  } finally {
    api.close();
    await new Promise((resolve) => server.close(resolve));
  }
}
