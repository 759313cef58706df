import { KubernetesClient } from '../../../clients/kubernetes/client';
import { parseKubeconfig } from '../../../clients/kubernetes/kubeconfig';
import { cordonedBy } from '../../../clients/kubernetes/nodes';
import { drainNode, uncordonNode } from '../../../provider/machines/drain';
import { FakeApi } from '../../clients/support/fakeApi';
import { FakeNodes, heldByBudget } from '../../clients/support/fakeNodes';
import { testOperation } from '../support/operation';

let fake: FakeApi;
let api: KubernetesClient;
let cluster: FakeNodes;
beforeEach(async () => {
  fake = await FakeApi.start();
  cluster = new FakeNodes();
  cluster.addNode('infra-01');
  cluster.addNode('infra-02');
  fake.handler = cluster.handler;
  api = new KubernetesClient(parseKubeconfig(fake.kubeconfig));
});
afterEach(async () => {
  api.close();
  await fake.stop();
});

const drain = (operation = testOperation(), timeoutSeconds = 5) =>
  drainNode(api, { node: 'infra-01', why: 'upgrade to Talos v1.11.6', timeoutSeconds }, operation, 10);
const evictions = () => fake.requestLines.filter((line) => line.endsWith('/eviction'));

describe('draining a node', () => {
  test('evicts what controllers make again elsewhere, and nothing else', async () => {
    cluster.pods = [
      { name: 'app', node: 'infra-01' },
      { name: 'db', node: 'infra-01', namespace: 'data', controller: 'StatefulSet' },
      { name: 'other', node: 'infra-02' },
      { name: 'cilium', node: 'infra-01', namespace: 'kube-system', controller: 'DaemonSet' },
      {
        name: 'kube-apiserver-infra-01',
        node: 'infra-01',
        controller: 'Node',
        annotations: { 'kubernetes.io/config.mirror': 'x' },
      },
      { name: 'debug', node: 'infra-01', controller: undefined },
      { name: 'job', node: 'infra-01', controller: 'Job', phase: 'Succeeded' },
    ];
    const operation = testOperation();
    await drain(operation);
    expect(evictions().sort()).toEqual([
      'POST /api/v1/namespaces/data/pods/db/eviction',
      'POST /api/v1/namespaces/default/pods/app/eviction',
    ]);
    expect(fake.requests.find(({ path }) => path.endsWith('app/eviction'))?.body).toEqual({
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: 'app', namespace: 'default' },
      deleteOptions: { preconditions: { uid: 'uid-of-app' } },
    });
    expect(cluster.pods.map(({ name }) => name)).toEqual([
      'other',
      'cilium',
      'kube-apiserver-infra-01',
      'debug',
      'job',
    ]);
    expect(cluster.nodes.get('infra-01')).toMatchObject({
      metadata: { annotations: { [cordonedBy]: 'upgrade to Talos v1.11.6' } },
      spec: { unschedulable: true },
    });
    expect(operation.lines).toEqual([
      'draining infra-01 (upgrade to Talos v1.11.6): 2 pods',
      '! infra-01: without a controller, these pods are not moved and end with the machine: default/debug',
      '(draining infra-01: 2 of 2 pods left; data/db: is terminating)',
    ]);
    await uncordonNode(api, 'infra-01', operation);
    expect(operation.lines.at(-1)).toBe('infra-01 takes pods again');
    expect(cluster.nodes.get('infra-01')?.spec).toEqual({});
  });

  test('waits for a budget, and then goes on', async () => {
    cluster.pods = [{ name: 'app', node: 'infra-01' }];
    cluster.refusals.set('app', heldByBudget('app', 1));
    const operation = testOperation();
    const draining = drain(operation);
    while (evictions().length < 3) await new Promise((done) => setTimeout(done, 5));
    cluster.refusals.delete('app');
    await draining;
    expect(operation.lines).toContain(
      '(draining infra-01: 1 of 1 pods left; default/app: The disruption budget app needs 1 healthy pods and has 1 currently)',
    );
  });

  test('gives up in time: names pods and budgets, and uncordons', async () => {
    cluster.pods = [
      { name: 'app', node: 'infra-01' },
      { name: 'web', node: 'infra-01' },
    ];
    cluster.refusals.set('app', heldByBudget('app', 1));
    await expect(drain(testOperation(), 0.2)).rejects.toThrow(
      'infra-01 is not drained after 0 s, and nothing was done to its machine. Still on it:\n' +
        '  default/app: The disruption budget app needs 1 healthy pods and has 1 currently\n' +
        'Let them go (more replicas, a budget that allows one less, or delete the pod), or raise ' +
        'rollout.drain.timeoutSeconds; then run `pulumi up` again.',
    );
    expect(cluster.nodes.get('infra-01')?.spec).toEqual({});
  });

  test('a refusal that does not pass is an error immediately', async () => {
    cluster.pods = [{ name: 'app', node: 'infra-01' }];
    cluster.refusals.set('app', { status: 403, body: { reason: 'Forbidden', message: 'pods "app" is forbidden' } });
    await expect(drain()).rejects.toThrow('403 pods "app" is forbidden');
    expect(cluster.nodes.get('infra-01')?.spec).toEqual({});
  });

  test('a terminating namespace passes', async () => {
    cluster.pods = [{ name: 'app', node: 'infra-01' }];
    const causes = [{ reason: 'NamespaceTerminating', message: 'namespace default is being terminated' }];
    cluster.refusals.set('app', { status: 403, body: { reason: 'Forbidden', message: 'no', details: { causes } } });
    const draining = drain();
    while (evictions().length < 2) await new Promise((done) => setTimeout(done, 5));
    cluster.pods = [];
    await draining;
  });

  test('an API server that is unavailable for a moment is waited for', async () => {
    cluster.pods = [{ name: 'app', node: 'infra-01' }];
    cluster.refusals.set('app', { status: 503, body: { message: 'etcd leader changed' } });
    const draining = drain();
    while (evictions().length < 2) await new Promise((done) => setTimeout(done, 5));
    cluster.refusals.delete('app');
    await draining;
    expect(cluster.pods).toEqual([]);
  });

  test('a pod that comes back to the node is not evicted again', async () => {
    cluster.pods = [{ name: 'app', node: 'infra-01', terminating: true }];
    await drain();
    expect(evictions()).toEqual([]);
  });

  test('a node without a Node object: nothing to do', async () => {
    cluster.nodes.clear();
    await drain();
    expect(fake.requestLines).toEqual(['GET /api/v1/nodes']);
  });

  test('the only node is not drained, not even cordoned', async () => {
    cluster.nodes.delete('infra-02');
    const operation = testOperation();
    await drain(operation);
    expect(operation.lines).toEqual(['infra-01 is not drained: its pods have no other node to go to']);
    expect(fake.requestLines).toEqual(['GET /api/v1/nodes']);
  });

  test('a node that someone else cordoned is drained, and stays cordoned', async () => {
    cluster.addNode('infra-01', { unschedulable: true });
    const operation = testOperation();
    await drain(operation);
    await uncordonNode(api, 'infra-01', operation);
    expect(operation.lines[0]).toBe('infra-01 is cordoned already, and will stay so');
    expect(cluster.nodes.get('infra-01')?.spec).toEqual({ unschedulable: true });
  });
});
