import { routeToService, type Serving } from '../../lab/agent/serviceRoutes';
import type { Service } from '../../lab/agent/kubeTypes';

const service = (name: string, clusterIP: string, selector: Record<string, string>): Service => ({
  metadata: { name, namespace: 'es' },
  spec: {
    clusterIP,
    selector,
    ports: [
      { port: 443, targetPort: 'webhook' },
      { port: 80, targetPort: 8080 },
    ],
  },
});
const services = [
  service('es-webhook', '10.245.0.7', { app: 'webhook' }),
  service('other', '10.245.0.8', { app: 'other' }),
];
const serving: Serving[] = [
  {
    deployment: {
      metadata: { name: 'es-webhook', namespace: 'es' },
      spec: { template: { metadata: { labels: { app: 'webhook', more: 'x' } }, spec: { containers: [] } } },
    },
    ports: { 10250: 28107, webhook: 28107 },
  },
];
const route = (host: string, port: number) => routeToService(services, serving, host, port);

describe('routeToService', () => {
  test('resolves a ClusterIP to the port of its process', () => {
    expect(route('10.245.0.7', 443)).toEqual({ port: 28107 });
  });

  test('resolves the cluster DNS name likewise', () => {
    expect(route('es-webhook.es.svc', 443)).toEqual({ port: 28107 });
  });

  test.each([
    ['10.245.0.8', 443, 'Service es/other has no process in this lab: its pods are simulated or not up'],
    ['10.245.0.7', 444, 'Service es/es-webhook has no port 444'],
    ['10.245.0.7', 80, 'Service es/es-webhook port 80: its process does not serve 8080 in this lab'],
    ['10.25.11.11', 10250, 'no Service of this cluster has the address 10.25.11.11'],
  ])('%s:%d is refused', (host, port, refused) => {
    expect(route(host, port)).toEqual({ refused });
  });

  test('ignores pods of another namespace with the same labels', () => {
    const elsewhere = serving.map(({ deployment, ports }) => ({
      deployment: { ...deployment, metadata: { name: 'x', namespace: 'elsewhere' } },
      ports,
    }));
    expect(routeToService(services, elsewhere, '10.245.0.7', 443)).toHaveProperty('refused');
  });
});
