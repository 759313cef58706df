import * as https from 'node:https';
import { responseTo, MetricsApi } from '../../lab/agent/metricsApi';
import type { Deployment } from '../../lab/agent/kubeTypes';
import type { KubernetesClient } from '../../clients/kubernetes/client';
import { selfSigned } from '../../lab/services/proxy/pki';

const deployment = (availableReplicas: number): Deployment => ({
  metadata: { name: 'metrics-server', namespace: 'kube-system' },
  spec: {
    template: {
      spec: {
        containers: [
          {
            name: 'metrics-server',
            image: 'registry.k8s.io/metrics-server/metrics-server:v0.8.0',
            ports: [{ name: 'https', containerPort: 10250 }],
          },
        ],
      },
    },
  },
  status: { availableReplicas },
});

const apiWith = (authority?: string): KubernetesClient =>
  ({
    get: () =>
      Promise.resolve({
        metadata: { name: 'extension-apiserver-authentication' },
        data: authority === undefined ? {} : { 'requestheader-client-ca-file': authority },
      }),
  }) as unknown as KubernetesClient;

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

const ask = (port: number, path: string, identity: { cert?: string; key?: string } = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const options = { ...identity, host: '127.0.0.1', port, path, rejectUnauthorized: false, agent: false };
    https
      .get(options, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Answer['body'] }),
        );
      })
      .on('error', reject);
  });

test('answers discovery to the API server and to no one else, while its Deployment is available', async () => {
  const identity = await selfSigned('front-proxy-client');
  const other = await selfSigned('front-proxy-client');
  const api = apiWith(identity.certificate);
  const metrics = new MetricsApi();
  await metrics.reconcile(api, undefined);
  await metrics.reconcile(api, deployment(0));
  expect([metrics.serving, metrics.status().state]).toEqual([undefined, 'waiting']);

  await metrics.reconcile(api, deployment(2));
  const ports = metrics.serving?.ports ?? {};
  const port = ports['https'] ?? 0;
  expect(ports).toEqual({ '10250': port, https: port });
  expect(metrics.status()).toMatchObject({ real: false, state: 'running', deploymentVersion: 'v0.8.0' });
  const pair = { cert: identity.certificate, key: identity.privateKey };
  const { status, body } = await ask(port, '/apis/metrics.k8s.io/v1beta1?timeout=5s', pair);
  expect([status, body['kind'], body['groupVersion']]).toEqual([200, 'APIResourceList', 'metrics.k8s.io/v1beta1']);
  await expect(ask(port, '/apis/metrics.k8s.io/v1beta1')).rejects.toThrow();
  await expect(
    ask(port, '/apis/metrics.k8s.io/v1beta1', { cert: other.certificate, key: other.privateKey }),
  ).rejects.toThrow();

  await metrics.reconcile(api, deployment(2));
  expect(metrics.serving?.ports['https']).toBe(port);
  await metrics.reconcile(api, deployment(0));
  expect([metrics.serving, metrics.status().state]).toEqual([undefined, 'waiting']);
  await metrics.stop();
  expect(metrics.status().state).toBe('stopped');
});

test('says so if the API server does not say how it identifies itself', async () => {
  const metrics = new MetricsApi();
  await metrics.reconcile(apiWith(), deployment(1));
  expect(metrics.status().state).toBe('failed');
});

test.each([
  ['/apis/metrics.k8s.io/v1beta1/nodes', 200],
  ['/apis/metrics.k8s.io/v1beta1/pods?limit=500', 200],
  ['/apis/metrics.k8s.io/v1beta1/namespaces/a/pods', 200],
  ['/apis/metrics.k8s.io/v1beta1/nodes/one', 404],
  ['/apis/metrics.k8s.io/v1beta1/namespaces/a/pods/one', 404],
  ['/apis', 404],
])('%s: %i', (path, status) => {
  expect(responseTo(path, 'front-proxy-client').status).toBe(status);
  expect(responseTo(path, 'someone').status).toBe(401);
});
