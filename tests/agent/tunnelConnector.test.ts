import type { AgentConfig } from '../../lab/agent/config';
import type { Deployment } from '../../lab/agent/kubeTypes';
import { TunnelConnector } from '../../lab/agent/tunnelConnector';
import type { KubernetesClient } from '../../clients/kubernetes/client';

const deployment = (availableReplicas: number): Deployment => ({
  metadata: { name: 'cloudflared', namespace: 'networking' },
  spec: {
    template: {
      spec: {
        containers: [{ name: 'cloudflared', image: 'docker.io/cloudflare/cloudflared:1.2.3' }],
        volumes: [
          { name: 'config', configMap: { name: 'c' } },
          { name: 'secret', secret: { secretName: 'tunnel' } },
        ],
      },
    },
  },
  status: { availableReplicas },
});
const paths: string[] = [];
const api = {
  get: (path: string) => {
    paths.push(path);
    return Promise.resolve({
      metadata: { name: 'tunnel' },
      data: { token: Buffer.from('a token').toString('base64') },
    });
  },
} as unknown as KubernetesClient;
const config = {} as AgentConfig;

test('reports the pods with the token of their Secret, and of their end', async () => {
  const told: unknown[] = [];
  const connector = new TunnelConnector((_, body) => {
    told.push(body);
    return Promise.resolve(200);
  });
  await connector.reconcile(config, api, undefined);
  await connector.reconcile(config, api, deployment(0));
  expect([told, connector.status().state]).toEqual([[], 'waiting']);

  await connector.reconcile(config, api, deployment(2));
  await connector.reconcile(config, api, deployment(2));
  expect(paths.at(-1)).toBe('/api/v1/namespaces/networking/secrets/tunnel');
  expect(connector.status()).toMatchObject({ real: false, state: 'running', deploymentVersion: '1.2.3' });
  jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 60_000);
  // Without the API server.
  await connector.repeat(config);
  await connector.reconcile(config, api, deployment(0));
  await connector.repeat(config);
  jest.restoreAllMocks();
  expect(told).toEqual([
    { token: 'a token', connectors: 2 },
    { token: 'a token', connectors: 2 },
    { token: 'a token', connectors: 0 },
  ]);
  expect(connector.status().state).toBe('stopped');
});

test.each([
  ['refuses', () => Promise.resolve(401), 'does not take its connections: 401'],
  ['does not answer', () => Promise.reject(new Error('ECONNREFUSED')), 'does not take its connections: ECONNREFUSED'],
])('says so if Cloudflare %s', async (_, tell, message) => {
  const connector = new TunnelConnector(tell);
  await connector.reconcile(config, api, deployment(1));
  expect(connector.status().state).toBe('failed');
  expect(connector.status().message).toContain(message);
});
