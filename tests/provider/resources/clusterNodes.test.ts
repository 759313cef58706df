import { cordonedBy } from '../../../clients/kubernetes/nodes';
import { clusterNodesWith } from '../../../provider/resources/clusterNodes';
import type { ClusterNodesInputs } from '../../../provider/resources/inputs';
import { FakeApi } from '../../clients/support/fakeApi';
import { FakeNodes } from '../../clients/support/fakeNodes';
import { quickPace, FakeFleet } from '../support/fakeFleet';
import { testOperation } from '../support/operation';

let fleet: FakeFleet;
let api: FakeApi;
let nodes: FakeNodes;

async function start(controlPlanes: string[], workers: string[] = []): Promise<void> {
  api = await FakeApi.start();
  fleet = await FakeFleet.start({ controlPlanes, workers }, api.kubeconfig);
  nodes = new FakeNodes();
  for (const { target } of fleet.nodes) nodes.addNode(target.name);
  api.handler = (request) => (request.path === '/readyz' ? { body: 'ok' } : nodes.handler(request));
}
afterEach(async () => {
  fleet.stop();
  await api.stop();
});

const config = (name: string) => `version: v1alpha1 # ${name}\n`;
const pace = () => quickPace(fleet, api);
const type = () => clusterNodesWith(pace());
const inputs = (leaving: string[] = []): ClusterNodesInputs => ({
  cluster: 'test',
  nodes: fleet.nodes.map(({ target, role }) => ({ ...target, role, leaving: leaving.includes(target.name) })),
  clientConfiguration: fleet.identity,
  drain: { enabled: true, timeoutSeconds: 60 },
  timeoutSeconds: 1,
});
const update = (leaving: string[], operation = testOperation(), before: string[] = []) =>
  type().update?.(inputs(before), inputs(leaving), operation);
const members = () => fleet.members.map(({ hostname }) => hostname);
const resets = () => fleet.nodes.filter((node) => node.resets.length > 0).map(({ target }) => target.name);

describe('a node that leaves', () => {
  test('a control plane is drained, reset gracefully and its Node deleted', async () => {
    await start(['a', 'b', 'c', 'd']);
    await fleet.install(config);
    nodes.pods = [{ name: 'app', node: 'd' }];
    const operation = testOperation();
    expect(await update(['d'], operation)).toEqual(inputs(['d']));
    expect(api.requestLines).toContain('POST /api/v1/namespaces/default/pods/app/eviction');
    expect(fleet.node('d').resets).toEqual([
      {
        graceful: true,
        reboot: false,
        systemPartitionsToWipe: [
          { label: 'STATE', wipe: true },
          { label: 'EPHEMERAL', wipe: true },
        ],
      },
    ]);
    expect(members()).toEqual(['a', 'b', 'c']);
    expect([...nodes.nodes.keys()]).toEqual(['a', 'b', 'c']);
    expect(operation.lines).toContain(
      'd has left: delete its entry from the nodes of the stack; its configuration is wiped and it is off',
    );
  });

  test('a worker', async () => {
    await start(['a'], ['w']);
    await fleet.install(config);
    await update(['w']);
    expect(resets()).toEqual(['w']);
    expect([...nodes.nodes.keys()]).toEqual(['a']);
  });

  test('a dead first control plane is taken out of etcd through another', async () => {
    await start(['a', 'b', 'c']);
    await fleet.install(config);
    fleet.node('a').off();
    const operation = testOperation();
    await update(['a'], operation);
    expect(members()).toEqual(['b', 'c']);
    expect(resets()).toEqual([]);
    expect([...nodes.nodes.keys()]).toEqual(['b', 'c']);
    expect(operation.lines).toContain('a does not answer as one of the cluster, so the others take it out of etcd');
    expect(operation.lines.at(-1)).toMatch(
      /^a has left: .*; if it ever comes back, it must be wiped before it is used again$/,
    );
  });

  test('one that has left is left alone', async () => {
    await start(['a', 'b', 'c']);
    await fleet.install(config);
    await update(['c'], testOperation(), ['c']);
    expect(resets()).toEqual([]);
    expect(members()).toEqual(['a', 'b', 'c']);
  });

  test('killed after the reset: the next run deletes its Node', async () => {
    await start(['a', 'b'], ['w']);
    await fleet.install(config);
    await fleet.node('w').wipe();
    await update(['w']);
    expect([...nodes.nodes.keys()]).toEqual(['a', 'b']);
    expect(resets()).toEqual([]);
  });

  test('not while the quorum hangs on it', async () => {
    await start(['a', 'b', 'c']);
    await fleet.install(config);
    fleet.node('b').off();
    await expect(update(['c'])).rejects.toThrow(
      'c (10.9.0.12, dialled at 127.91.0.12) cannot leave: of the 2 members of etcd that would be left, only 1 is well. ' +
        'Add or repair a control plane first, then run `pulumi up` again.',
    );
    expect(resets()).toEqual([]);
    expect(members()).toEqual(['a', 'b', 'c']);
  });

  test('not without a quorum', async () => {
    await start(['a', 'b']);
    await fleet.install(config);
    fleet.node('a').off();
    await expect(update(['a'])).rejects.toThrow(
      /^a \(.*\) cannot leave: after \d s no control plane lists the members of etcd\. Bring enough of them back/,
    );
  });

  test('before there is a cluster, there is nothing to leave', async () => {
    await start(['a', 'b']);
    expect(await type().create(inputs(['b']), testOperation())).toEqual({ id: 'test', outputs: inputs(['b']) });
    expect(api.requests).toEqual([]);
  });
});

describe('the plan', () => {
  test('says who leaves, and who was left cordoned', async () => {
    await start(['a', 'b']);
    await fleet.install(config);
    nodes.addNode('a', { unschedulable: true }, { [cordonedBy]: 'reboot' });
    const operation = testOperation();
    expect(await type().inspect?.(inputs(), inputs(['b']), operation)).toBe(true);
    expect(operation.lines).toEqual([
      'b leaves: it is drained and its machine is reset; one that does not answer is taken out of etcd by the others',
      'a was left cordoned by an interrupted run, and takes pods again',
    ]);
    await update([]);
    expect(nodes.nodes.get('a')).toMatchObject({ spec: {}, metadata: { annotations: {} } });
    expect(await type().inspect?.(inputs(), inputs(), testOperation())).toBe(false);
  });

  test('a cluster that does not answer stops no preview', async () => {
    await start(['a']);
    fleet.node('a').off();
    expect(await type().inspect?.(inputs(), inputs(), testOperation())).toBe(false);
  });

  test('an entry that is deleted outright is refused, unless the node has left', async () => {
    await start(['a', 'b'], ['w']);
    const after = { ...inputs(), nodes: inputs().nodes.filter(({ name }) => name !== 'w') };
    expect(type().refuse?.(inputs(), after)).toEqual([expect.stringContaining('node w has no entry any more')]);
    expect(type().refuse?.(inputs(['w']), after)).toEqual([]);
    expect(type().refuse?.(undefined, after)).toEqual([]);
  });
});
