import * as grpc from '@grpc/grpc-js';
import { TalosClient } from '../../../clients/talos/client';
import type { MachineEvent } from '../../../clients/talos/events';
import { TalosResources } from '../../../clients/talos/resources';
import { FakeMachine, kubeconfigArchive, lengthDelimited, listed, refusal, type Answers } from '../support/fakeMachine';
import { base64, TestAuthority } from '../support/pki';

const node = '10.0.0.1';
let machine: FakeMachine;
let client: TalosClient;
let resources: TalosResources;
beforeAll(async () => {
  const authority = await TestAuthority.create();
  const admin = await authority.issue([]);
  machine = await FakeMachine.start({ cert: await authority.issue([node]), clientCa: authority.cert });
  const identity = {
    caCertificate: base64(authority.cert),
    clientCertificate: base64(admin.cert),
    clientKey: base64(admin.key),
  };
  const target = { node, endpoint: '127.0.0.1' };
  client = TalosClient.secure(target, identity, machine.port);
  resources = TalosResources.open(target, identity, machine.port);
});
afterAll(() => {
  client.close();
  resources.close();
  machine.stop();
});
beforeEach(() => {
  for (const call of Object.keys(machine.answers)) delete machine.answers[call];
  machine.calls.length = 0;
});
const answer = (answers: Answers) => Object.assign(machine.answers, answers);
const lists = (byType: Record<string, object[]>) =>
  answer({ List: ({ type }: { type: string }) => byType[type] ?? [] });

describe('the machine API', () => {
  test('a configuration is applied in that mode', async () => {
    answer({
      ApplyConfiguration: () => ({ messages: [{ mode: 'NO_REBOOT', modeDetails: 'Applied', warnings: ['old'] }] }),
    });
    const applied = await client.applyConfiguration('machine: {}\n', { mode: 'auto', dryRun: true });
    expect(applied).toEqual({ mode: 'no_reboot', details: 'Applied', warnings: ['old'] });
    expect(machine.calls).toEqual([
      {
        call: 'ApplyConfiguration',
        node,
        request: { data: Buffer.from('machine: {}\n'), mode: 'AUTO', dryRun: true },
      },
    ]);
  });

  test('members of etcd, and the state of the own one', async () => {
    const id = '16093173246574183521';
    answer({
      EtcdMemberList: () => ({ messages: [{ members: [{ id, hostname: 'a', isLearner: true }] }] }),
      EtcdStatus: () => ({ messages: [{ memberStatus: { memberId: id, leader: '7', errors: ['no leader'] } }] }),
      EtcdAlarmList: () => ({
        messages: [
          {
            memberAlarms: [
              { memberId: id, alarm: 'NOSPACE' },
              { memberId: '7', alarm: 'NONE' },
            ],
          },
        ],
      }),
      EtcdRemoveMemberByID: () => ({ messages: [{}] }),
      EtcdForfeitLeadership: () => ({ messages: [{ member: 'b' }] }),
    });
    expect(await client.etcdMembers()).toEqual([{ id, hostname: 'a', peerUrls: [], clientUrls: [], isLearner: true }]);
    expect(await client.etcdStatus()).toMatchObject({
      memberId: id,
      leader: '7',
      isLearner: false,
      errors: ['no leader'],
    });
    expect(await client.etcdAlarms()).toEqual([{ memberId: id, alarm: 'NOSPACE' }]);
    await client.etcdRemoveMember(id);
    expect(machine.requests('EtcdRemoveMemberByID')).toEqual([{ memberId: id }]);
    expect(await client.etcdForfeitLeadership()).toBe('b');
  });

  test('reset wipes the named partitions only, and upgrade names the image', async () => {
    answer({
      Reset: () => ({ messages: [{ actorId: 'r' }] }),
      Upgrade: () => ({ messages: [{ actorId: 'u' }] }),
      Reboot: () => ({ messages: [{ actorId: 'b' }] }),
    });
    expect(await client.reset({ graceful: true, reboot: false, wipe: ['STATE', 'EPHEMERAL'] })).toBe('r');
    expect(machine.requests('Reset')).toEqual([
      {
        graceful: true,
        reboot: false,
        systemPartitionsToWipe: [
          { label: 'STATE', wipe: true },
          { label: 'EPHEMERAL', wipe: true },
        ],
      },
    ]);
    expect(await client.upgrade({ image: 'factory/installer:v1' })).toBe('u');
    expect(machine.requests('Upgrade')).toEqual([{ image: 'factory/installer:v1', stage: false, force: false }]);
    expect(await client.reboot()).toBe('b');
  });

  test('the kubeconfig in the unfinished archive of Talos 1.11', async () => {
    const text = 'kind: Config\n'.repeat(100);
    const archive = kubeconfigArchive(text);
    // A stream may come in parts.
    answer({ Kubeconfig: () => [{ bytes: archive.subarray(0, 10) }, { bytes: archive.subarray(10) }] });
    expect(await client.kubeconfig()).toBe(text);
  });

  test('an incomplete archive is an error that quotes nothing', async () => {
    answer({ Kubeconfig: () => [{ bytes: kubeconfigArchive('').subarray(0) }] });
    expect(await client.kubeconfig()).toBe('');
    const { gunzipSync, gzipSync } = await import('node:zlib');
    const cut = gzipSync(gunzipSync(kubeconfigArchive('secret text')).subarray(0, 515));
    answer({ Kubeconfig: () => [{ bytes: cut }] });
    await expect(client.kubeconfig()).rejects.toThrow(/^the machine sent an incomplete kubeconfig$/);
  });

  test('the boot id, images and a pull', async () => {
    answer({
      Read: () => [{ bytes: Buffer.from('0b1c\n') }],
      ImageList: () => [{ name: 'a' }, { name: 'b' }],
      ImagePull: () => ({ messages: [{}] }),
    });
    expect(await client.bootId()).toBe('0b1c');
    expect(await client.images('cri')).toEqual(['a', 'b']);
    await client.pullImage('system', 'c');
    expect(machine.requests('ImagePull')).toEqual([{ namespace: 'NS_SYSTEM', reference: 'c' }]);
  });

  test('events until the one that is waited for', async () => {
    const event = (type: string, value: Buffer) => ({
      data: { type_url: `talos/runtime/machine.${type}`, value },
      actorId: 'x',
    });
    const stopped = Buffer.concat([lengthDelimited(1, 'upgrade'), Buffer.from([0x10, 2]), error('no space')]);
    answer({
      Events: () => [
        event('SequenceEvent', Buffer.concat([lengthDelimited(1, 'upgrade'), Buffer.from([0x10, 1])])),
        event('ServiceStateEvent', Buffer.alloc(0)),
        event('TaskEvent', lengthDelimited(1, 'drain')),
        event('SequenceEvent', stopped),
        event('PhaseEvent', lengthDelimited(1, 'never seen')),
      ],
    });
    const seen: MachineEvent[] = [];
    await client.events({ tail: -1, actorId: 'x' }, 5, (received) => seen.push(received) === 3);
    expect(seen).toEqual([
      { kind: 'sequence', name: 'upgrade', action: 'START', actorId: 'x' },
      { kind: 'task', name: 'drain', action: 'START', actorId: 'x' },
      { kind: 'sequence', name: 'upgrade', action: 'STOP', error: 'no space', actorId: 'x' },
    ]);
    expect(machine.requests('Events')).toEqual([{ tailEvents: -1, withActorId: 'x' }]);
  });

  test('the error of a node behind a proxy is in the message', async () => {
    answer({ EtcdMemberList: () => ({ messages: [{ metadata: { error: 'not available' } }] }) });
    await expect(client.etcdMembers()).rejects.toMatchObject({ code: 2, details: 'not available' });
    answer({
      Read: () => {
        throw refusal(grpc.status.NOT_FOUND, 'no such file');
      },
    });
    await expect(client.read('/x')).rejects.toMatchObject({ code: grpc.status.NOT_FOUND, details: 'no such file' });
  });
});

describe('the resource API', () => {
  test('the configurations are the bytes that were submitted', async () => {
    const text = 'version: v1alpha1\n---\nkind: EthernetConfig\n'.repeat(200);
    lists({ 'MachineConfigs.config.talos.dev': [listed('v1alpha1', text), listed('persistent', 'b')] });
    expect(await resources.configurations()).toEqual({ active: text, persistent: 'b' });
    lists({ 'MachineConfigs.config.talos.dev': [] });
    expect(await resources.configurations()).toEqual({});
  });

  test('stage and readiness', async () => {
    const unmetConditions = [{ name: 'services', reason: 'service kubelet not running' }];
    lists({
      'MachineStatuses.runtime.talos.dev': [
        listed('machine', { stage: 'booting', status: { ready: false, unmetConditions } }),
      ],
    });
    expect(await resources.machineStatus()).toEqual({ stage: 'booting', ready: false, unmetConditions });
    lists({
      'MachineStatuses.runtime.talos.dev': [
        listed('machine', { stage: 'running', status: { ready: true, unmetConditions: null } }),
      ],
    });
    expect(await resources.machineStatus()).toEqual({ stage: 'running', ready: true, unmetConditions: [] });
    lists({});
    expect(await resources.machineStatus()).toBeUndefined();
  });

  test('the schematic that runs', async () => {
    const extension = (name: string, version: string) => ({ image: '000.sqsh', metadata: { name, version } });
    lists({
      'ExtensionStatuses.runtime.talos.dev': [
        listed('0', extension('intel-ucode', '1')),
        listed('1', extension('schematic', 'abc')),
      ],
    });
    expect(await resources.schematic()).toBe('abc');
    lists({ 'ExtensionStatuses.runtime.talos.dev': [listed('0', extension('intel-ucode', '1'))] });
    expect(await resources.schematic()).toBeUndefined();
  });
});

/** A SequenceEvent's error with this message. */
function error(message: string): Buffer {
  return lengthDelimited(3, lengthDelimited(2, message).toString('latin1'));
}
