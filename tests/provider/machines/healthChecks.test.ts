import { KubernetesClient } from '../../../clients/kubernetes/client';
import { parseKubeconfig } from '../../../clients/kubernetes/kubeconfig';
import { healthProblems } from '../../../provider/machines/healthChecks';
import { nodeProblem } from '../../../provider/machines/nodeReady';
import { FakeApi } from '../../clients/support/fakeApi';

let fake: FakeApi;
let api: KubernetesClient;
beforeEach(async () => {
  fake = await FakeApi.start();
  api = new KubernetesClient(parseKubeconfig(fake.kubeconfig));
});
afterEach(async () => {
  api.close();
  await fake.stop();
});

const ceph = {
  apiVersion: 'ceph.rook.io/v1',
  kind: 'CephCluster',
  namespace: 'rook-ceph',
  name: 'rook-ceph',
  expression: 'object.status.ceph.health == "HEALTH_OK"',
};
const namespace = { apiVersion: 'v1', kind: 'Namespace', name: 'a', expression: 'object.status.phase == "Active"' };

test('reads each object by its kind, and reports those that do not pass', async () => {
  let health = 'HEALTH_WARN';
  fake.handler = ({ path }) => {
    switch (path) {
      case '/apis/ceph.rook.io/v1':
        return {
          body: {
            resources: [
              { name: 'cephclusters/status', kind: 'CephCluster', namespaced: true },
              { name: 'cephclusters', kind: 'CephCluster', namespaced: true },
            ],
          },
        };
      case '/api/v1':
        return { body: { resources: [{ name: 'namespaces', kind: 'Namespace', namespaced: false }] } };
      case '/apis/ceph.rook.io/v1/namespaces/rook-ceph/cephclusters/rook-ceph':
        return { body: { metadata: {}, status: { ceph: { health } } } };
      case '/api/v1/namespaces/a':
        return { body: { metadata: {}, status: { phase: 'Active' } } };
      default:
        return undefined;
    }
  };
  expect(await healthProblems(api, [ceph, namespace])).toEqual([
    'CephCluster rook-ceph/rook-ceph: object.status.ceph.health == "HEALTH_OK" is false',
  ]);
  health = 'HEALTH_OK';
  expect(await healthProblems(api, [ceph, namespace])).toEqual([]);
});

test('a kind that is not served, and an object that does not exist', async () => {
  const resources = [{ name: 'namespaces', kind: 'Namespace', namespaced: false }];
  fake.handler = ({ path }) => (path === '/api/v1' ? { body: { resources } } : undefined);
  expect(await healthProblems(api, [ceph, namespace])).toEqual([
    'CephCluster rook-ceph/rook-ceph: the API server does not serve CephCluster in ceph.rook.io/v1',
    'Namespace a: does not exist',
  ]);
});

test('an API server that is down is an error, not a finding', async () => {
  fake.handler = () => ({ status: 503, body: { message: 'starting' } });
  await expect(healthProblems(api, [ceph])).rejects.toThrow('503 starting');
});

test('the problem of a Node names it', async () => {
  fake.handler = ({ path }) =>
    path.endsWith('/b')
      ? { body: { metadata: { name: 'b' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } } }
      : undefined;
  expect(await nodeProblem(api, { node: 'a' })).toBe('node a has no Node in Kubernetes');
  expect(await nodeProblem(api, { node: 'b' })).toBeUndefined();
});
