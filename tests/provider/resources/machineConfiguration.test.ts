import { cordonedBy } from '../../../clients/kubernetes/nodes';
import type { MachineConfigurationInputs } from '../../../provider/resources/inputs';
import { machineConfigurationWith } from '../../../provider/resources/machineConfiguration';
import { FakeApi } from '../../clients/support/fakeApi';
import { FakeNodes } from '../../clients/support/fakeNodes';
import { quickPace, FakeFleet } from '../support/fakeFleet';
import { testOperation } from '../support/operation';

let fleet: FakeFleet;
let api: FakeApi;
let nodes: FakeNodes;
/** What happened to machines and Nodes, in order. */
let log: string[];

async function start(controlPlanes: string[], workers: string[] = []): Promise<void> {
  api = await FakeApi.start();
  fleet = await FakeFleet.start({ controlPlanes, workers }, api.kubeconfig);
  nodes = new FakeNodes();
  log = [];
  for (const { target } of fleet.nodes) nodes.addNode(target.name, {}, undefined, ready);
  api.handler = (request) => {
    const { method, path, body } = request;
    if (path === '/readyz') return fleet.quorum ? { body: 'ok' } : { status: 500, body: '[-]etcd failed' };
    if (path === '/apis/apps/v1/daemonsets') return { body: { items: [{}] } };
    if (method === 'PATCH') log.push(`${path.split('/').at(-1)} ${JSON.stringify((body as { spec: object }).spec)}`);
    if (path.endsWith('/eviction')) log.push(`evict ${path.split('/').at(-2)}`);
    return nodes.handler(request);
  };
}
const ready = { conditions: [{ type: 'Ready', status: 'True' }] };
afterEach(async () => {
  fleet.stop();
  await api.stop();
});

/** A configuration of which `env` needs a reboot, and `sysctls` does not. */
const config = (name: string, { sysctl = '1', env = '1' } = {}) =>
  `version: v1alpha1\nmachine:\n  token: token-of-the-cluster\n  network: {hostname: ${name}}\n` +
  `  env: {A: "${env}"}\n  sysctls: {vm.a: "${sysctl}"}\n`;
const pace = () => quickPace(fleet, api);
const inputs = (name: string, more: Partial<MachineConfigurationInputs> = {}): MachineConfigurationInputs => ({
  cluster: 'test',
  ...fleet.node(name).target,
  role: fleet.node(name).role,
  configuration: config(name),
  clientConfiguration: fleet.identity,
  controlPlanes: fleet.controlPlanes,
  applyMode: 'auto',
  drain: { enabled: true, timeoutSeconds: 60 },
  gateTimeoutSeconds: 60,
  healthChecks: [],
  ...more,
});
const type = () => machineConfigurationWith(pace());
const create = (wanted: MachineConfigurationInputs, operation = testOperation()) => type().create(wanted, operation);
const update = (wanted: MachineConfigurationInputs, operation = testOperation(), before = inputs(wanted.name)) =>
  type().update?.(before, wanted, operation);
const inspect = (wanted: MachineConfigurationInputs, operation = testOperation(), before = inputs(wanted.name)) =>
  type().inspect?.(before, wanted, operation);
const applied = () => fleet.nodes.map(({ applied: calls }) => calls.map(({ mode }) => mode).join(' '));
const sysctl = (name: string) => inputs(name, { configuration: config(name, { sysctl: '2' }) });
const env = (name: string) => inputs(name, { configuration: config(name, { env: '2' }) });

describe('a first installation', () => {
  test('waits for no gate: every machine is configured and installs at the same time', async () => {
    await start(['a', 'b', 'c'], ['w']);
    fleet.rebootMilliseconds = 60_000;
    for (const name of ['a', 'b', 'c', 'w']) {
      expect(await create(inputs(name))).toEqual({ id: name, outputs: inputs(name) });
    }
    expect(applied()).toEqual(['REBOOT', 'REBOOT', 'REBOOT', 'REBOOT']);
    expect(api.requests).toEqual([]);
  });

  test('killed after the first machines: the next run configures the rest', async () => {
    await start(['a', 'b', 'c']);
    fleet.node('a').persistent = config('a');
    await fleet.node('a').boot();
    for (const name of ['a', 'b', 'c']) await create(inputs(name));
    expect(applied()).toEqual(['', 'REBOOT', 'REBOOT']);
  });

  test('a corrected configuration reaches a machine before there is an etcd', async () => {
    await start(['a']);
    fleet.node('a').persistent = config('a');
    await fleet.node('a').boot();
    await update(env('a'));
    expect(applied()).toEqual(['REBOOT']);
    expect(api.requests).toEqual([]);
  });

  test('a configuration that Talos refuses is an error without secrets', async () => {
    await start(['a']);
    await expect(create(inputs('a', { configuration: `${config('a')}refuse: this\n` }))).rejects.toThrow(
      'a (10.9.0.10, dialled at 127.91.0.10) refuses its configuration: INVALID_ARGUMENT: unknown keys found: refuse',
    );
  });
});

describe('a change in a running cluster', () => {
  beforeEach(async () => {
    await start(['a', 'b', 'c'], ['w']);
    await fleet.install(config);
    nodes.pods = [
      { name: 'app', node: 'b' },
      { name: 'other', node: 'w' },
    ];
  });

  test('without a reboot: applied live, and nothing is drained', async () => {
    await update(sysctl('b'));
    expect(applied()).toEqual(['', 'NO_REBOOT', '', '']);
    expect(log).toEqual([]);
    expect(fleet.node('b').active).toBe(sysctl('b').configuration);
  });

  test('with a reboot: drained before, uncordoned after, the others untouched', async () => {
    const operation = testOperation();
    const boots = fleet.node('b').boots;
    await update(env('b'), operation);
    expect(applied()).toEqual(['', 'REBOOT', '', '']);
    expect(fleet.node('b').boots).toBe(boots + 1);
    expect(log).toEqual(['b {"unschedulable":true}', 'evict app', 'b {"unschedulable":null}']);
    expect(operation.lines).toContain('(b: rebooting into its new configuration)');
    expect(operation.lines).toContain('b takes pods again');
  });

  test('a machine that runs it already gets no call', async () => {
    await create(inputs('b'));
    await update(inputs('b'));
    expect(applied()).toEqual(['', '', '', '']);
    expect(fleet.node('b').boots).toBe(2);
  });

  test('killed after the change: the next run calls nothing, waits for the gate and uncordons', async () => {
    fleet.node('b').persistent = env('b').configuration;
    await fleet.node('b').boot();
    nodes.addNode('b', { unschedulable: true }, { [cordonedBy]: 'reboot' }, ready);
    await update(env('b'));
    expect(applied()).toEqual(['', '', '', '']);
    expect(log).toEqual(['b {"unschedulable":null}']);
  });

  test('drain switched off, and a worker', async () => {
    await update({ ...env('w'), drain: { enabled: false, timeoutSeconds: 5 } });
    expect(applied()).toEqual(['', '', '', 'REBOOT']);
    expect(log).toEqual([]);
  });

  test('applyMode no_reboot refuses a reboot, and staged stages', async () => {
    await expect(update({ ...env('b'), applyMode: 'no_reboot' })).rejects.toThrow(
      'b (10.9.0.11, dialled at 127.91.0.11) is not changed: the change needs a reboot, and applyMode is no_reboot; ' +
        'set applyMode to auto or staged',
    );
    expect(applied()).toEqual(['', '', '', '']);
    const operation = testOperation();
    await update({ ...env('b'), applyMode: 'staged' }, operation);
    expect(applied()).toEqual(['', 'STAGED', '', '']);
    expect(operation.lines).toContain('! b: the change has no effect until you reboot the machine');
    expect(log).toEqual([]);
  });

  test('a machine that does not come back: node, step and remedy', async () => {
    fleet.rebootMilliseconds = 60_000;
    const failure = update({ ...env('b'), gateTimeoutSeconds: 0.5 });
    await expect(failure).rejects.toThrow(
      /^b \(10\.9\.0\.11, dialled at 127\.91\.0\.11\) was changed, but after \d s this does not hold yet: the machine: UNAVAILABLE: .*\nNo other machine was changed\. Repair it, then run `pulumi up` again/,
    );
    expect(applied()).toEqual(['', 'REBOOT', '', '']);
  });

  test('a Node that is not Ready holds the gate; its reason is shown', async () => {
    const operation = testOperation();
    const notReady = { conditions: [{ type: 'Ready', status: 'False', message: 'cni plugin not initialized' }] };
    nodes.addNode('b', {}, undefined, notReady);
    await expect(update({ ...sysctl('b'), gateTimeoutSeconds: 0.5 }, operation)).rejects.toThrow(
      'this does not hold yet: Kubernetes: node b is not Ready: cni plugin not initialized\n',
    );
    expect(operation.lines).toContain('(b: waiting for Kubernetes: node b is not Ready: cni plugin not initialized)');
  });

  test('health checks hold it too, after the Node takes pods again', async () => {
    const operation = testOperation();
    nodes.addNode('b', { unschedulable: true }, { [cordonedBy]: 'reboot' }, ready);
    const healthChecks = [{ apiVersion: 'v1', kind: 'Node', name: 'w', condition: 'Healthy' }];
    const handler = api.handler;
    api.handler = (request) =>
      request.path === '/api/v1'
        ? { body: { resources: [{ name: 'nodes', kind: 'Node', namespaced: false }] } }
        : handler(request);
    await expect(update({ ...sysctl('b'), healthChecks, gateTimeoutSeconds: 0.5 }, operation)).rejects.toThrow(
      'this does not hold yet: health: Node w: has no condition Healthy yet\n',
    );
    expect(log).toEqual(['b {"unschedulable":null}']);
  });

  test('another control plane is down: no reboot, and no drain', async () => {
    fleet.node('c').off();
    await expect(update({ ...env('b'), gateTimeoutSeconds: 0.3 })).rejects.toThrow(
      /^b \(.*\) is not rebooted, because after \d s etcd is not whole without it: the etcd member of c does not answer\nBring that control plane back/,
    );
    expect(applied()).toEqual(['', '', '', '']);
    expect(log).toEqual([]);
  });

  test('the machine itself is dead: said so, and nothing is changed', async () => {
    fleet.node('a').off();
    await expect(update({ ...sysctl('a'), gateTimeoutSeconds: 0.3 })).rejects.toThrow(
      /^a \(.*\) does not answer after \d s: UNAVAILABLE: .*\nNothing else was changed\. Bring the machine back, or put another one in its place/,
    );
    expect(applied()).toEqual(['', '', '', '']);
  });

  test('etcd lost its quorum: no machine is changed', async () => {
    fleet.node('a').off();
    fleet.node('c').off();
    await expect(update({ ...sysctl('b'), gateTimeoutSeconds: 0.3 })).rejects.toThrow(
      /^b \(.*\) is not changed, because after \d s etcd has no quorum \(a: .*; b: UNKNOWN: etcdserver: no leader; c: .*\)\. Bring the control planes back/,
    );
    expect(applied()).toEqual(['', '', '', '']);
  });

  test('only a setting of the roll changed: the machine gets no call and nothing is waited for', async () => {
    fleet.node('c').off();
    await update({ ...inputs('b'), gateTimeoutSeconds: 90 });
    expect(applied()).toEqual(['', '', '', '']);
    expect(api.requests).toEqual([]);
  });
});

describe('few control planes', () => {
  test('the only node is not drained, and comes back by itself', async () => {
    await start(['a']);
    await fleet.install(config);
    nodes.pods = [{ name: 'app', node: 'a' }];
    await update(env('a'));
    expect(applied()).toEqual(['REBOOT']);
    expect(log).toEqual([]);
  });

  test('of two, one reboots with a warning that the API goes down', async () => {
    await start(['a', 'b']);
    await fleet.install(config);
    const operation = testOperation();
    await update(env('a'), operation);
    expect(applied()).toEqual(['REBOOT', '']);
    expect(operation.lines).toContain(
      '! a reboots: with 2 control planes, the Kubernetes API is down until it is back',
    );
  });
});

describe('a machine that lost its configuration', () => {
  beforeEach(async () => {
    await start(['a', 'b', 'c']);
    await fleet.install(config);
    await fleet.node('a').wipe();
  });

  test('is noticed by the diff', async () => {
    const operation = testOperation();
    expect(await inspect(inputs('a'), operation)).toBe(true);
    expect(operation.lines).toEqual([
      '! a: the machine is in maintenance mode: it is installed with its configuration',
    ]);
  });

  test('is configured again, and waited for until its member votes', async () => {
    const operation = testOperation();
    const done = update(inputs('a'), operation);
    while (!operation.lines.includes('(a: waiting for etcd: a is still a learner of etcd)')) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    fleet.join('a', false);
    await done;
    expect(applied()).toEqual(['REBOOT', '', '']);
    expect(operation.lines).toContain('a is installed; it joins the cluster');
  });

  test('does not hold up a change of another one that needs no reboot', async () => {
    await update(sysctl('b'));
    expect(applied()).toEqual(['', 'NO_REBOOT', '']);
  });

  test('killed while its member was a learner: the next run waits for it', async () => {
    fleet.node('a').persistent = config('a');
    fleet.members = fleet.members.filter(({ hostname }) => hostname !== 'a');
    await fleet.node('a').boot();
    const operation = testOperation();
    expect(await inspect(inputs('a'), operation)).toBe(true);
    expect(operation.lines).toEqual(['! a: its etcd member is still a learner']);
    setTimeout(() => fleet.join('a', false), 100);
    await update(inputs('a'));
    expect(applied()).toEqual(['', '', '']);
  });
});

describe('a preview', () => {
  beforeEach(async () => {
    await start(['a', 'b', 'c']);
    await fleet.install(config);
  });

  test('nothing to do: no line', async () => {
    const operation = testOperation();
    expect(await inspect(inputs('a'), operation)).toBe(false);
    expect(operation.lines).toEqual([]);
  });

  test('what changes, and how', async () => {
    const operation = testOperation();
    expect(await inspect(sysctl('a'), operation)).toBe(true);
    expect(operation.lines).toEqual([
      'machine.sysctls["vm.a"]: "1" → "2" (live)',
      'a: the changes are applied without a reboot',
    ]);
    const reboot = testOperation();
    await inspect(env('a'), reboot);
    expect(reboot.lines).toEqual([
      'machine.env.A: changed, a secret (reboots the machine)',
      'a: the machine is drained and reboots',
    ]);
  });

  test('someone changed the machine: what `up` puts back', async () => {
    fleet.node('a').persistent = config('a', { sysctl: '9' });
    await fleet.node('a').boot();
    const operation = testOperation();
    expect(await inspect(inputs('a'), operation)).toBe(true);
    expect(operation.lines).toEqual([
      '! a: something else changed its configuration since the last run; it is put back',
      'machine.sysctls["vm.a"]: "9" → "1" (live)',
      'a: the changes are applied without a reboot',
    ]);
  });

  test('a machine that does not answer changes nothing in the plan', async () => {
    fleet.node('a').off();
    const operation = testOperation();
    expect(await inspect(inputs('a'), operation)).toBe(false);
    expect(operation.lines).toEqual([]);
    expect(await inspect(sysctl('a'), operation)).toBe(false);
    expect(operation.lines[0]).toMatch(
      /^! a: what the machine runs is not known, because it does not answer: UNAVAILABLE/,
    );
    expect(operation.lines.slice(1)).toEqual([
      'machine.sysctls["vm.a"]: "1" → "2" (live)',
      'a: the changes are applied without a reboot',
    ]);
  });
});

test('the configuration alone counts as a change, and secrets are secret', async () => {
  await start([]);
  expect(type().updateTriggers).toEqual(['configuration']);
  expect(type().secretProperties).toEqual(['configuration', 'clientConfiguration']);
  expect('delete' in type()).toBe(false);
});
