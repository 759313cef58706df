import { KubernetesClient } from '../../../clients/kubernetes/client';
import { parseKubeconfig } from '../../../clients/kubernetes/kubeconfig';
import {
  cordon,
  cordonedBy,
  deleteNode,
  getNode,
  type KubeNode,
  notReadyReason,
  uncordonOurs,
} from '../../../clients/kubernetes/nodes';
import { FakeApi } from '../support/fakeApi';
import { FakeNodes } from '../support/fakeNodes';

let fake: FakeApi;
let api: KubernetesClient;
let cluster: FakeNodes;
beforeEach(async () => {
  fake = await FakeApi.start();
  cluster = new FakeNodes();
  fake.handler = cluster.handler;
  api = new KubernetesClient(parseKubeconfig(fake.kubeconfig));
});
afterEach(async () => {
  api.close();
  await fake.stop();
});

const cordonNode = async (name: string) => cordon(api, (await getNode(api, name)) as KubeNode, 'upgrade');

describe('cordoning', () => {
  test('is said on the Node, and taken back', async () => {
    cluster.addNode('a', {}, { theirs: 'x' });
    expect(await cordonNode('a')).toBe('cordoned');
    expect(cluster.nodes.get('a')).toMatchObject({
      metadata: { annotations: { theirs: 'x', [cordonedBy]: 'upgrade' } },
      spec: { unschedulable: true },
    });
    expect(await cordonNode('a')).toBe('ours already');
    expect(await uncordonOurs(api, 'a')).toBe(true);
    expect(cluster.nodes.get('a')).toMatchObject({ metadata: { annotations: { theirs: 'x' } }, spec: {} });
    expect(cluster.nodes.get('a')?.spec).toEqual({});
    expect(await uncordonOurs(api, 'a')).toBe(false);
  });

  test('a Node that someone else cordoned stays so', async () => {
    cluster.addNode('a', { unschedulable: true });
    expect(await cordonNode('a')).toBe('by others');
    expect(await uncordonOurs(api, 'a')).toBe(false);
    expect(fake.requestLines).toEqual(['GET /api/v1/nodes/a', 'GET /api/v1/nodes/a']);
  });
});

test('a Node is deleted, and again without an error', async () => {
  cluster.addNode('a');
  await deleteNode(api, 'a');
  await deleteNode(api, 'a');
  expect(await getNode(api, 'a')).toBeUndefined();
});

const node = (ready: string, message?: string, bootID = ''): KubeNode => ({
  metadata: { name: 'a' },
  status: { conditions: [{ type: 'Ready', status: ready, ...(message && { message }) }], nodeInfo: { bootID } },
});

test.each([
  ['no Node', undefined, undefined, 'has no Node in Kubernetes'],
  ['ready', node('True'), undefined, undefined],
  ['ready since this boot', node('True', '', 'boot-2'), 'boot-2', undefined],
  [
    'ready, but from before',
    node('True', '', 'boot-1'),
    'boot-2',
    'its kubelet has not reported since the machine booted',
  ],
  ['ready, without a boot id', node('True'), 'boot-2', undefined],
  ['not ready', node('False', 'container runtime is down'), undefined, 'is not Ready: container runtime is down'],
  ['unknown', node('Unknown'), undefined, 'is not Ready: its kubelet has not reported yet'],
  ['without conditions', { metadata: { name: 'a' } }, undefined, 'is not Ready: its kubelet has not reported yet'],
])('%s', (_name, found, bootId, reason) => {
  expect(notReadyReason(found, bootId)).toBe(reason);
});
