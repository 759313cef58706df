import * as grpc from '@grpc/grpc-js';
import { withoutExplained } from '../../../../cli/drift/causes';
import { FakeMachine, listed, refusal } from '../../../clients/support/fakeMachine';
import { TestAuthority } from '../../../clients/support/pki';
import { configuration, TestCluster } from './testCluster';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await TestCluster.start(['a', 'b', 'c'], ['w']);
});
beforeEach(() => cluster.reset());
afterAll(() => cluster.stop());

const node = (name: string) => cluster.fleet.node(name);

test('machines that are as they should be are silent', async () => {
  const { drift, couldNotTell, compared } = await cluster.compare();
  expect({ drift, couldNotTell }).toEqual({ drift: [], couldNotTell: [] });
  // Machines, Nodes, certificates of the Talos API, and the client certificate of the identity.
  expect(compared).toBe(4 + 4 + 4 + 1);
});

describe('machine configurations', () => {
  test('a field that was changed past Pulumi', async () => {
    node('w').active = node('w').persistent = configuration('w', '2048');
    const { drift } = await cluster.compare();
    expect(drift).toEqual([
      {
        ...{
          id: 'machine-configuration',
          layer: 'machines',
          owner: 'Pulumi MachineConfiguration w',
          object: 'machine w',
        },
        ...{ field: 'machine.sysctls["vm.nr_hugepages"]', wanted: '"1024"', found: '"2048"' },
        todo: 'run pulumi up to put it back; if it should stay, put it into the stack first',
        fix: {
          describe: 'run pulumi up --refresh --stack east',
          preview: expect.any(Function),
          run: expect.any(Function),
        },
      },
    ]);
  });

  test('secrets, whole documents and fields of other documents', async () => {
    node('a').active = node('a').persistent = configuration('a')
      .replace('token-of-a', 'token-of-b')
      .replace('8160', '4096');
    const added = 'apiVersion: v1alpha1\nkind: KmsgLogConfig\nname: elsewhere\nurl: tcp://192.0.2.1:9\n';
    node('b').active = node('b').persistent = `${configuration('b')}---\n${added}`;
    expect(await cluster.drifted()).toEqual([
      'machine-configuration | machine a | machine.token | [secret] | [secret]',
      'machine-configuration | machine a | EthernetConfig enp1s0 rings.rx | 8160 | 4096',
      'machine-configuration | machine b | KmsgLogConfig elsewhere | - | a document',
    ]);
  });

  test('another form of the same content is not drift', async () => {
    node('a').active = node('a').persistent = `# by hand\n${configuration('a').replace('"1024"', "'1024'")}`;
    expect(await cluster.drifted()).toEqual([]);
  });

  test('what is staged takes effect at the next reboot', async () => {
    node('w').persistent = configuration('w', '4096');
    node('b').active = configuration('b', '2048');
    const { drift } = await cluster.compare();
    expect(drift.map(({ id, object, found, why }) => [id, object, found, why])).toEqual([
      [
        'machine-configuration-staged',
        'machine b',
        '"2048"',
        'the wanted configuration is staged: it takes effect at the next reboot',
      ],
      [
        'machine-configuration-staged',
        'machine w',
        '"4096"',
        'the machine runs as wanted, but this configuration is staged: it takes effect at the next reboot',
      ],
    ]);
  });

  test('without an admin, they alone cannot be told', async () => {
    for (const { target } of cluster.fleet.nodes) {
      const { overrides } = node(target.name);
      // A reader may list everything else.
      overrides.List = ({ type }: { type: string }) => {
        if (type === 'MachineConfigs.config.talos.dev') throw refusal(grpc.status.PERMISSION_DENIED, 'not authorized');
        if (type === 'MachineStatuses.runtime.talos.dev')
          return [listed('machine', { stage: 'running', status: { ready: true } })];
        return node(target.name).resources[type] ?? [];
      };
      overrides.Read = () => {
        throw refusal(grpc.status.PERMISSION_DENIED, 'not authorized');
      };
    }
    node('b').overrides.Version = () => ({ messages: [{ version: { tag: 'v1.11.1', arch: 'amd64' } }] });
    const { drift, couldNotTell } = await cluster.compare();
    expect(drift.map(({ object, field, found }) => [object, field, found])).toEqual([
      ['machine b', 'Talos', 'v1.11.1'],
    ]);
    expect(new Set(couldNotTell.map(({ object, todo }) => `${object}: ${todo}`))).toEqual(
      new Set(['the machine configurations: use a talosconfig of an admin']),
    );
  });

  test('without the state, they alone cannot be told', async () => {
    cluster.context = { ...cluster.context, state: { why: 'no passphrase', todo: 'set it' } };
    node('b').resources['Disks.block.talos.dev'] = [];
    const { drift, couldNotTell } = await cluster.compare();
    expect(drift.map(({ id, object, why }) => [id, object, why])).toEqual([
      ['machine-hardware', 'machine b', 'no disk matches installDisk /dev/sda; found no disks'],
    ]);
    expect(new Set(couldNotTell.map(({ object, why }) => `${object}: ${why}`))).toEqual(
      new Set(['the machine configurations: no passphrase']),
    );
  });
});

describe('what runs', () => {
  test('another Talos, schematic and Kubernetes than the definition says', async () => {
    node('w').overrides.Version = () => ({ messages: [{ version: { tag: 'v1.11.1', arch: 'amd64' } }] });
    node('c').resources['ExtensionStatuses.runtime.talos.dev'] = [];
    Object.assign(cluster.nodes.get('a')?.status as object, { nodeInfo: { kubeletVersion: 'v1.33.4' } });
    cluster.pods[1] = {
      metadata: { name: 'kube-apiserver-b' },
      spec: { nodeName: 'b', containers: [{ image: 'registry.k8s.io/kube-apiserver:v1.34.0' }] },
    };
    expect(await cluster.drifted()).toEqual([
      expect.stringMatching(/^machine-system \| machine c \| schematic \| [0-9a-f]{64} \| -$/),
      'machine-system | machine w | Talos | v1.11.2 | v1.11.1',
      'kubernetes-version | machine a | kubelet | v1.34.1 | v1.33.4',
      'kubernetes-version | machine b | kube-apiserver | v1.34.1 | v1.34.0',
    ]);
  });

  test('an image changed in the configuration is that one finding', async () => {
    const changed = configuration('b').replace('kube-apiserver:v1.34.1', 'kube-apiserver:v1.34.0');
    node('b').active = node('b').persistent = changed;
    cluster.pods[1] = {
      metadata: { name: 'kube-apiserver-b' },
      spec: { nodeName: 'b', containers: [{ image: 'registry.k8s.io/kube-apiserver:v1.34.0' }] },
    };
    expect(await cluster.drifted()).toEqual([
      'machine-configuration | machine b | cluster.apiServer.image | "registry.k8s.io/kube-apiserver:v1.34.1" | "registry.k8s.io/kube-apiserver:v1.34.0"',
    ]);
  });

  test('a machine without its links or a volume', async () => {
    node('w').resources['LinkStatuses.net.talos.dev'] = [listed('enp1s0f0np0', { type: 'ether' })];
    const { drift } = await cluster.compare();
    expect(drift.map(({ id, object, field }) => [id, object, field])).toEqual([
      ['machine-hardware', 'machine w', 'links'],
      ['machine-hardware', 'machine w', 'links'],
    ]);
  });
});

describe('machines that are not members', () => {
  test('one that is off cannot be told; the others are', async () => {
    node('c').off();
    node('w').active = node('w').persistent = configuration('w', '2048');
    Object.assign(cluster.nodes.get('c')?.status as object, { conditions: [{ type: 'Ready', status: 'Unknown' }] });
    const { drift, couldNotTell } = await cluster.compare();
    expect(drift.map(({ object }) => object)).toEqual(['machine w']);
    expect(couldNotTell).toEqual([
      {
        ...{ layer: 'machines', object: 'machine c', todo: expect.stringContaining('10.9.0.12:50000') },
        why: expect.stringMatching(/ECONNREFUSED.*; 2 of 3 voting members of etcd are well: no more may fail$/s),
      },
    ]);
  });

  test('in maintenance mode, and of another cluster: each once', async () => {
    await node('w').wipe();
    node('c').off();
    const theirs = await TestAuthority.create('theirs');
    const { target } = node('c');
    const machine = await FakeMachine.start({
      ...{ cert: await theirs.issue([target.node]), clientCa: theirs.cert },
      ...{ address: target.endpoint, port: cluster.fleet.port },
    });
    cluster.nodes.delete('w');
    const { drift } = await cluster.compare();
    machine.stop();
    expect(drift.map(({ id, object, explains }) => [id, object, explains])).toEqual([
      ['machine-foreign', 'machine c', ['Node c']],
      ['machine-maintenance', 'machine w', ['Node w']],
    ]);
  });

  test('one that boots is waited for; what is over by then is not drift', async () => {
    let asked = 0;
    node('w').overrides.Version = () => {
      asked++;
      return { messages: [{ version: { tag: asked < 4 ? 'v1.11.1' : 'v1.11.2', arch: 'amd64' } }] };
    };
    const usual = node('w').resources;
    node('w').overrides.List = ({ type }: { type: string }) => {
      if (type === 'MachineStatuses.runtime.talos.dev') {
        return [listed('machine', { stage: asked < 4 ? 'upgrading' : 'running', status: { ready: true } })];
      }
      if (type === 'MachineConfigs.config.talos.dev') {
        return [listed('v1alpha1', configuration('w')), listed('persistent', configuration('w'))];
      }
      return usual[type] ?? [];
    };
    expect(await cluster.compare()).toMatchObject({ drift: [], couldNotTell: [] });
    expect(cluster.notes).toContain('waiting for w to settle');
  });

  test('one that never gets out of its stage cannot be told', async () => {
    cluster.patienceSeconds = 0;
    node('w').overrides.Version = () => ({ messages: [{ version: { tag: 'v1.11.1', arch: 'amd64' } }] });
    Object.assign(cluster.nodes.get('w')?.status as object, { nodeInfo: { kubeletVersion: 'v1.33.4' } });
    const usual = node('w').resources;
    node('w').overrides.List = ({ type }: { type: string }) => {
      if (type === 'MachineStatuses.runtime.talos.dev') {
        return [
          listed('machine', {
            stage: 'booting',
            status: { ready: false, unmetConditions: [{ name: 'time', reason: 'not in sync' }] },
          }),
        ];
      }
      if (type === 'MachineConfigs.config.talos.dev') return [listed('v1alpha1', configuration('w'))];
      return usual[type] ?? [];
    };
    const { drift, couldNotTell } = await cluster.compare();
    expect(drift).toEqual([]);
    expect(couldNotTell).toEqual([
      {
        ...{ layer: 'machines', object: 'machine w', why: 'its stage is booting (time: not in sync)' },
        todo: 'wait until it runs, then run drift again',
      },
    ]);
  });
});

describe('etcd', () => {
  test('unknown members, learners, a missing member and alarms', async () => {
    const { fleet } = cluster;
    const [a] = fleet.members;
    fleet.members = [
      ...fleet.members.filter(({ hostname }) => hostname === 'a'),
      { id: '1001', hostname: 'b', isLearner: true },
      { id: '255', hostname: '', isLearner: false },
    ];
    fleet.alarms = [{ memberId: a?.id ?? '', alarm: 'NOSPACE' }];
    // The unknown member is not one of the fleet's machines, so that it counts as down.
    Object.defineProperty(fleet, 'quorum', { value: true, configurable: true });
    expect(
      (await cluster.compare()).drift.map(({ id, object, field, found, why }) => [id, object, field, found, why]),
    ).toEqual([
      ['etcd-learner', 'machine b', 'etcd', 'a learner', '1 of 2 voting members of etcd are well: it has no quorum'],
      [
        'etcd-member-missing',
        'machine c',
        'etcd',
        'no member',
        '1 of 2 voting members of etcd are well: it has no quorum',
      ],
      [
        ...['etcd-unknown-member', 'etcd member ff', undefined, undefined],
        'etcd has a member that no control plane of the stack is; 1 of 2 voting members of etcd are well: it has no quorum',
      ],
      [
        'etcd-alarm',
        'machine a',
        'etcd alarms',
        'NOSPACE',
        'the database of etcd is full, and the cluster takes no more changes',
      ],
    ]);
  });
});

describe('Nodes', () => {
  test('unknown, missing, not ready and cordoned', async () => {
    cluster.nodes.set('unknown-1', { metadata: { name: 'unknown-1' } });
    cluster.nodes.delete('a');
    Object.assign(cluster.nodes.get('b') ?? {}, {
      status: { conditions: [{ type: 'Ready', status: 'False', message: 'no network' }] },
    });
    Object.assign(cluster.nodes.get('c') ?? {}, { spec: { unschedulable: true } });
    cluster.nodes.set('w', {
      ...cluster.nodes.get('w'),
      ...{
        metadata: { name: 'w', annotations: { 'k8s-gitops/cordoned-by': 'reboot' } },
        spec: { unschedulable: true },
      },
    });
    const { drift } = await cluster.compare();
    expect(drift.map(({ id, object, field, found, explains }) => [id, object, field, found, explains])).toEqual([
      ['node-missing', 'machine a', 'Node', undefined, undefined],
      ['node-not-ready', 'machine b', 'Node', 'is not Ready: no network', ['Node b']],
      ['node-cordoned', 'machine c', 'cordoned', undefined, ['Node c']],
      ['node-cordoned', 'machine w', 'cordoned', undefined, ['Node w', 'nodes of east']],
      ['node-unknown', 'Node unknown-1', undefined, undefined, undefined],
    ]);
    expect(drift.map(({ fix }) => fix !== undefined)).toEqual([false, false, false, true, false]);
  });

  test('an unknown machine in etcd and in Kubernetes is one finding', async () => {
    cluster.nodes.set('unknown-1', { metadata: { name: 'unknown-1' } });
    cluster.fleet.members.push({ id: '255', hostname: 'unknown-1', isLearner: false });
    Object.defineProperty(cluster.fleet, 'quorum', { value: true, configurable: true });
    const { drift } = await cluster.compare();
    expect(withoutExplained(drift).map(({ id, object }) => [id, object])).toEqual([
      ['etcd-unknown-member', 'etcd member unknown-1'],
    ]);
  });

  test('without Kubernetes, the machines are compared', async () => {
    cluster.context = { ...cluster.context, kubernetes: async () => ({ why: 'nothing serves it', todo: 'start it' }) };
    node('w').active = node('w').persistent = configuration('w', '2048');
    const { drift, couldNotTell } = await cluster.compare();
    expect(drift.map(({ object }) => object)).toEqual(['machine w']);
    expect(couldNotTell).toEqual([
      { layer: 'machines', object: 'the Nodes', why: 'nothing serves it', todo: 'start it' },
    ]);
  });
});
