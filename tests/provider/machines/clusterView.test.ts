import { healthyControlPlanes, viewCluster } from '../../../provider/machines/clusterView';
import { openKubernetes } from '../../../provider/machines/openKubernetes';
import { probeMachine } from '../../../provider/machines/probeMachine';
import { describeTarget } from '../../../provider/machines/target';
import { FakeApi } from '../../clients/support/fakeApi';
import { FakeMachine } from '../../clients/support/fakeMachine';
import { TestAuthority } from '../../clients/support/pki';
import { FakeFleet } from '../support/fakeFleet';

let fleet: FakeFleet;
let api: FakeApi;
beforeEach(async () => {
  api = await FakeApi.start();
  fleet = await FakeFleet.start({ controlPlanes: ['a', 'b', 'c'], workers: ['w'] }, api.kubeconfig);
});
afterEach(async () => {
  fleet.stop();
  await api.stop();
});

const config = (name: string) => `version: v1alpha1 # ${name}\n`;
const probe = (name: string) => probeMachine(fleet.node(name).target, fleet.identity, { port: fleet.port });
const view = () => viewCluster(fleet.controlPlanes, fleet.identity, { port: fleet.port, deadlineSeconds: 20 });

describe('probing a machine', () => {
  test('in maintenance mode, then a member, then silent', async () => {
    expect(await probe('w')).toEqual({ state: 'maintenance' });
    await fleet.install(config);
    expect(await probe('w')).toEqual({ state: 'member', version: 'v1.11.2' });
    fleet.node('w').off();
    expect(await probe('w')).toEqual({ state: 'silent', why: expect.stringContaining('ECONNREFUSED') as string });
  });

  test('of another cluster', async () => {
    const theirs = await TestAuthority.create('theirs');
    const { target } = fleet.node('w');
    fleet.node('w').off();
    const machine = await FakeMachine.start({
      cert: await theirs.issue([target.node]),
      clientCa: theirs.cert,
      address: target.endpoint,
      port: fleet.port,
    });
    expect(await probe('w')).toMatchObject({ state: 'other-cluster' });
    machine.stop();
  });

  test('in messages', () => {
    expect(describeTarget(fleet.node('w').target)).toBe('w (10.9.0.13, dialled at 127.91.0.13)');
    expect(describeTarget({ name: 'w', node: '10.9.0.13', endpoint: '10.9.0.13' })).toBe('w (10.9.0.13)');
  });
});

describe('the cluster, as its control planes see it', () => {
  test('before the first installation', async () => {
    expect(await view()).toMatchObject({ state: 'none', members: [] });
    for (const node of fleet.nodes) {
      node.persistent = config(node.target.name);
      await node.boot();
    }
    expect(await view()).toMatchObject({ state: 'none', members: [] });
  });

  test('all healthy; the leader comes first', async () => {
    await fleet.install(config);
    fleet.leader = 'b';
    const seen = await view();
    expect(seen.state).toBe('running');
    expect(seen.members.map(({ hostname }) => hostname)).toEqual(['a', 'b', 'c']);
    expect(healthyControlPlanes(seen).map(({ name }) => name)).toEqual(['b', 'a', 'c']);
  });

  test('the first control plane was wiped: the others say that there is a cluster', async () => {
    await fleet.install(config);
    await fleet.node('a').wipe();
    const seen = await view();
    expect(seen.state).toBe('running');
    expect(healthyControlPlanes(seen).map(({ name }) => name)).toEqual(['b', 'c']);
    expect(seen.controlPlanes[0]).toMatchObject({ machine: 'maintenance', why: 'is in maintenance mode' });
  });

  test('one of three is left: etcd runs but lists nothing', async () => {
    await fleet.install(config);
    fleet.node('a').off();
    fleet.node('c').off();
    const seen = await view();
    expect(seen.state).toBe('down');
    expect(healthyControlPlanes(seen)).toEqual([]);
    expect(seen.controlPlanes[1]?.why).toBe('UNKNOWN: etcdserver: no leader');
  });
});

describe('the Kubernetes API', () => {
  const open = () =>
    openKubernetes(fleet.controlPlanes, fleet.identity, new AbortController().signal, {
      port: fleet.port,
      url: () => api.url,
    });

  test('of the first control plane that answers', async () => {
    await fleet.install(config);
    api.handler = ({ path }) => (path === '/readyz' ? { body: 'ok' } : undefined);
    fleet.node('a').off();
    const client = await open();
    expect(client.connection.server).toBe(api.url);
    client.close();
    expect(api.requestLines).toEqual(['GET /readyz']);
  });

  test('no control plane serves it: each reason', async () => {
    await fleet.install(config);
    api.handler = () => ({ status: 500, body: '[-]etcd failed' });
    fleet.node('a').off();
    await expect(open()).rejects.toThrow(
      /^no control plane serves the Kubernetes API:\n  a \(10\.9\.0\.10, dialled at 127\.91\.0\.10\): UNAVAILABLE: .*\n  b \(10\.9\.0\.11, dialled at 127\.91\.0\.11\): not ready: etcd\n  c /,
    );
  });
});
