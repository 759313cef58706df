import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubernetesClient } from '../../clients/kubernetes/client';
import { KubernetesUnreachable } from '../../clients/kubernetes/errors';
import { dryRunCluster } from '../../lab/dryRun/dryRunCluster';
import { cluster, kustomization, object, tree } from '../gitops/diff/trees';

const seen: string[] = [];
const server = http.createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://x');
  seen.push(`${request.method} ${url.pathname}${url.search}`);
  const answer = (status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const refuse = (status: number, message: string): void => answer(status, { kind: 'Status', reason: 'x', message });
  request.resume().on('end', () => {
    if (url.pathname === '/api/v1') {
      return answer(200, {
        resources: [
          { name: 'namespaces', kind: 'Namespace', namespaced: false },
          { name: 'services/status', kind: 'Service', namespaced: true },
          { name: 'services', kind: 'Service', namespaced: true },
          { name: 'secrets', kind: 'Secret', namespaced: true },
        ],
      });
    }
    if (url.pathname.includes('/namespaces/none/')) return refuse(404, 'namespaces "none" not found');
    return request.method === 'PATCH' ? answer(200, {}) : refuse(404, 'not found');
  });
});

let api: KubernetesClient;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  api = new KubernetesClient({ server: `http://127.0.0.1:${port}`, certificateAuthority: '' });
});
afterAll(async () => {
  api.close();
  await new Promise((resolve) => server.close(resolve));
});

const named = (apiVersion: string, kind: string, name: string, namespace?: string) =>
  object(kind, name, { apiVersion, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } });

test('sends every object as a dry run, and reports refused ones with file, line and the server’s message', async () => {
  const objects = [
    named('v1', 'Namespace', 'app'),
    named('v1', 'Service', 'web', 'app'),
    named('v1', 'Service', 'lost', 'none'),
    named('v1', 'Service', 'nowhere'),
    named('example.org/v1', 'Thing', 'x', 'app'),
    object('Secret', 'login', {}, { encrypted: true }),
    object('Service', 'asleep', {}, { kustomization: 'flux-system/asleep' }),
  ];
  const kustomizations = [
    kustomization('app'),
    kustomization('asleep', { skipped: 'suspended' }),
    kustomization('elsewhere', { skipped: 'external' }),
  ];
  const one = cluster('one', objects, kustomizations);
  const files = { 'app/lost.yaml': '---\n# text\napiVersion: v1\nkind: Service\nmetadata:\n  name: lost\n' };
  const result = await dryRunCluster(tree([one], files), one, api);
  expect(result).toEqual({
    cluster: 'one',
    objects: 5,
    refused: [
      { object: 'Service none/lost', file: 'app/lost.yaml', line: 3, message: 'namespaces "none" not found' },
      expect.objectContaining({
        object: 'Service nowhere',
        message: 'has no metadata.namespace, which its kind requires',
      }),
      expect.objectContaining({
        object: 'Thing app/x',
        message: 'the API server does not serve Thing in example.org/v1',
      }),
    ],
    notSent: [
      { object: 'Secret app/login', reason: 'its values are encrypted with SOPS' },
      { object: 'Service app/asleep', reason: 'its Kustomization flux-system/asleep is suspended' },
      { object: 'Kustomization flux-system/elsewhere', reason: 'its source is another repository' },
    ],
  });
  const patches = seen.filter((line) => line.startsWith('PATCH'));
  expect(patches).toHaveLength(3);
  expect(patches.every((line) => line.endsWith('?fieldManager=k8s-gitops-dry-run&force=true&dryRun=All'))).toBe(true);
  expect(patches).toContainEqual(expect.stringContaining('/api/v1/namespaces/app/services/web?'));
  expect(seen.filter((line) => line === 'GET /api/v1')).toHaveLength(1);
});

test('an API server that does not respond is an error, not a refusal', async () => {
  const one = cluster('one', [object('Service', 'web')]);
  const gone = new KubernetesClient({ server: 'http://127.0.0.1:9', certificateAuthority: '' });
  await expect(dryRunCluster(tree([one]), one, gone)).rejects.toThrow(KubernetesUnreachable);
});
