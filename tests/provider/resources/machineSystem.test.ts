import * as grpc from '@grpc/grpc-js';
import { cordonedBy } from '../../../clients/kubernetes/nodes';
import { changeSystem } from '../../../provider/machines/changeSystem';
import { defaultPace } from '../../../provider/machines/pace';
import { changeOf, inspectSystem } from '../../../provider/resources/machineSystem';
import { FakeApi } from '../../clients/support/fakeApi';
import { listed, refusal } from '../../clients/support/fakeMachine';
import { FakeNodes, heldByBudget } from '../../clients/support/fakeNodes';
import { FakeFleet, type FakeNode } from '../support/fakeFleet';
import { testOperation } from '../support/operation';

const a = 'a'.repeat(64);
const b = 'b'.repeat(64);
const names = ['infra-01', 'infra-02', 'infra-03'];

let fake: FakeApi;
let fleet: FakeFleet;
let nodes: FakeNodes;
let systems: Map<string, { version: string; schematic: string }>;
/** What happened, in order. */
let log: string[];
/** What a machine boots after an upgrade, if not what it should. */
let fallsBack: boolean;

beforeEach(async () => {
  fake = await FakeApi.start();
  nodes = new FakeNodes();
  log = [];
  fallsBack = false;
  fake.handler = (request) => {
    if (request.path === '/readyz') return { body: 'ok' };
    if (request.path === '/version') return { body: { gitVersion: 'v1.34.1' } };
    if (request.method !== 'GET') log.push(`${request.method} ${request.path}`);
    return nodes.handler(request);
  };
  fleet = await FakeFleet.start({ controlPlanes: names }, fake.kubeconfig);
  await fleet.install(() => 'version: v1alpha1\n');
  systems = new Map(names.map((name) => [name, { version: 'v1.11.2', schematic: a }]));
  for (const node of fleet.nodes) {
    node.overrides = overridesOf(node);
    nodes.addNode(node.target.name, {}, undefined, { conditions: [{ type: 'Ready', status: 'True' }] });
  }
});
afterEach(async () => {
  fleet.stop();
  await fake.stop();
});

function overridesOf(node: FakeNode): FakeNode['overrides'] {
  const { name } = node.target;
  return {
    Version: () => ({
      messages: [{ version: { tag: systems.get(name)?.version, arch: 'amd64' }, platform: { name: 'metal' } }],
    }),
    ImagePull: () => ({ messages: [{}] }),
    Upgrade: ({ image }: { image: string }) => {
      log.push(`upgrade ${name}`);
      setTimeout(() => {
        node.off();
        const [, schematic = '', version = ''] = /\/([^/]+):(.+)$/.exec(image) ?? [];
        if (!fallsBack) systems.set(name, { version, schematic });
        void node.boot();
      }, 20);
      return { messages: [{ ack: 'Upgrade request received', actorId: 'actor' }] };
    },
    Events: () => [],
    List: ({ type }: { type: string }) => {
      if (type === 'MachineStatuses.runtime.talos.dev') {
        return [listed('machine', { stage: 'running', status: { ready: true, unmetConditions: [] } })];
      }
      if (type !== 'ExtensionStatuses.runtime.talos.dev') return [];
      return [listed('0', { metadata: { name: 'schematic', version: systems.get(name)?.schematic } })];
    },
  };
}

const image = (version: string, schematic: string) => `factory.talos.dev/metal-installer/${schematic}:${version}`;
const inputs = (name = 'infra-02', version = 'v1.11.6', schematic = b) => ({
  cluster: 'infra',
  ...fleet.node(name).target,
  role: 'controlplane' as const,
  image: image(version, schematic),
  version,
  schematic,
  controlPlanes: fleet.controlPlanes,
  machines: fleet.controlPlanes,
  clientConfiguration: fleet.identity,
  drain: { enabled: true, timeoutSeconds: 60 },
  gateTimeoutSeconds: 60,
  healthChecks: [],
});
const pace = () => ({ ...defaultPace, port: fleet.port, url: () => fake.url, intervalMilliseconds: 20 });
const change = (given = inputs(), operation = testOperation()) => changeSystem(changeOf(given), operation, pace());

describe('the system of a machine', () => {
  test('is changed: drained, upgraded, waited for, uncordoned', async () => {
    nodes.pods = [{ name: 'app', node: 'infra-02' }];
    const operation = testOperation();
    expect(await change(inputs(), operation)).toBe('upgraded');
    expect(systems.get('infra-02')).toEqual({ version: 'v1.11.6', schematic: b });
    expect(log).toEqual([
      'PATCH /api/v1/nodes/infra-02',
      'POST /api/v1/namespaces/default/pods/app/eviction',
      'upgrade infra-02',
      'PATCH /api/v1/nodes/infra-02',
    ]);
    expect(nodes.nodes.get('infra-02')?.spec).toEqual({});
    const what = 'Talos v1.11.2 → v1.11.6, schematic aaaaaaaaaaaa… → bbbbbbbbbbbb…';
    expect(operation.lines.filter((line) => !line.startsWith('('))).toEqual([
      `infra-02: ${what}`,
      `draining infra-02 (${what}): 1 pods`,
      'infra-02 is being upgraded to Talos v1.11.6 with schematic bbbbbbbbbbbb…',
      'infra-02 takes pods again',
    ]);
    // The next run finds nothing to do.
    log.length = 0;
    expect(await change()).toBe('unchanged');
    expect(log).toEqual([]);
  });

  test('a schematic alone is an upgrade too', async () => {
    expect(await change(inputs('infra-01', 'v1.11.2', b))).toBe('upgraded');
    expect(log).toContain('upgrade infra-01');
  });

  test('without draining, nothing is cordoned', async () => {
    expect(await change({ ...inputs(), drain: { enabled: false, timeoutSeconds: 1 } })).toBe('upgraded');
    expect(log).toEqual(['upgrade infra-02']);
  });

  test('what an earlier run left is finished: the machine runs the system, its node is cordoned by us', async () => {
    systems.set('infra-02', { version: 'v1.11.6', schematic: b });
    nodes.addNode(
      'infra-02',
      { unschedulable: true },
      { [cordonedBy]: 'Talos' },
      { conditions: [{ type: 'Ready', status: 'True' }] },
    );
    expect(await change()).toBe('unchanged');
    expect(log).toEqual(['PATCH /api/v1/nodes/infra-02']);
    expect(nodes.nodes.get('infra-02')?.spec).toEqual({});
  });

  test('a machine that comes back old stops the roll; its node takes pods again', async () => {
    fallsBack = true;
    await expect(change()).rejects.toThrow('came back with Talos v1.11.2 with schematic aaaaaaaaaaaa… instead of');
    expect(nodes.nodes.get('infra-02')?.spec).toEqual({});
  });

  test('is refused with every reason, before anything is done', async () => {
    fleet.members = fleet.members.slice(0, 2);
    await expect(change({ ...inputs('infra-01', 'v1.13.0'), architecture: 'arm64' } as never)).rejects.toThrow(
      'infra-01 (10.9.0.10, dialled at 127.91.0.10) must not be changed (Talos v1.11.2 → v1.13.0, schematic aaaaaaaaaaaa… → bbbbbbbbbbbb…), ' +
        'and was not:\n' +
        '  Talos v1.11.2 cannot go to v1.13.0 directly, because Talos supports no upgrade that skips a minor version; set TALOS_VERSION ' +
        'to the latest 1.12 first\n' +
        '  the machine is amd64, but its architecture in the stack is arm64; correct it\n' +
        '  etcd has two members, and without one of them no quorum; add a third control plane, or remove one, first',
    );
    expect(log).toEqual([]);
  });

  test('back to what the others still run, out of a half-done roll', async () => {
    systems.set('infra-01', { version: 'v1.11.6', schematic: b });
    expect(await change(inputs('infra-01', 'v1.11.2', a))).toBe('upgraded');
    for (const name of names) systems.set(name, { version: 'v1.11.6', schematic: a });
    await expect(change(inputs('infra-01', 'v1.11.2', a))).rejects.toThrow(
      'Talos does not go down from v1.11.6 to v1.11.2',
    );
  });

  test('etcd that is not whole without the machine: nothing is done', async () => {
    fleet.node('infra-03').off();
    await expect(change({ ...inputs(), gateTimeoutSeconds: 0.5 })).rejects.toThrow(
      /^infra-02 \(10\.9\.0\.11, dialled at 127\.91\.0\.11\) is not upgraded, because after \d s this does not hold:\n {2}the etcd member of infra-03 does not answer\n/,
    );
    expect(log).toEqual([]);
  });

  test('health checks hold it up', async () => {
    const healthChecks = [{ apiVersion: 'v1', kind: 'Thing', name: 'x', condition: 'Ready' }];
    await expect(change({ ...inputs(), gateTimeoutSeconds: 0.5, healthChecks } as never)).rejects.toThrow(
      '  Thing x: the API server does not serve Thing in v1',
    );
    expect(log).toEqual([]);
  });

  test('an installer that cannot be pulled: the node is not even drained', async () => {
    fleet.node('infra-02').overrides['ImagePull'] = () => {
      throw refusal(grpc.status.NOT_FOUND, 'not found');
    };
    await expect(change()).rejects.toThrow(
      `infra-02 (10.9.0.11, dialled at 127.91.0.11) cannot pull ${image('v1.11.6', b)}, and nothing was changed: NOT_FOUND: not found`,
    );
    expect(log).toEqual([]);
  });

  test('pods that do not go: the machine is left alone, and its node uncordoned', async () => {
    nodes.pods = [{ name: 'app', node: 'infra-02' }];
    nodes.refusals.set('app', heldByBudget('app', 1));
    await expect(change({ ...inputs(), drain: { enabled: true, timeoutSeconds: 0.2 } })).rejects.toThrow(
      'infra-02 is not drained after',
    );
    expect(log).not.toContain('upgrade infra-02');
    expect(nodes.nodes.get('infra-02')?.spec).toEqual({});
  });

  test('before there is a cluster, and in maintenance mode: nothing to do', async () => {
    await fleet.node('infra-02').wipe();
    expect(await change()).toBe('unchanged');
    fleet.members = [];
    expect(await change(inputs('infra-01'))).toBe('unchanged');
    expect(log).toEqual([]);
  });
});

test('the preview says what will happen; a machine that does not answer is ignored', async () => {
  const operation = testOperation();
  expect(await inspectSystem(inputs(), operation, pace())).toBe(true);
  expect(operation.lines).toEqual([
    'infra-02: Talos v1.11.2 → v1.11.6, schematic aaaaaaaaaaaa… → bbbbbbbbbbbb…, reboots',
  ]);
  expect(await inspectSystem(inputs('infra-02', 'v1.11.2', a), operation, pace())).toBe(false);
  fleet.node('infra-02').off();
  expect(await inspectSystem(inputs(), operation, pace())).toBe(false);
});
