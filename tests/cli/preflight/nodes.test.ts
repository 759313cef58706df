import { defineCluster } from '../../../cluster/defineCluster';
import { selectedLinks } from '../../../cli/preflight/nodes/deviceSelector';
import { formatBytes, installDisks } from '../../../cli/preflight/nodes/diskSelector';
import { identityInState } from '../../../cli/stack/exportedState';
import { evaluateNode, type NodeFacts } from '../../../cli/preflight/nodes/evaluateNode';
import type { Node } from '../../../cluster/stackSchema';
import type { MachineDisk, MachineLink } from '../../../clients/talos/resources';
import { baseInput } from '../../cluster/fixtures';

const definition = defineCluster(baseInput());
const [node] = definition.nodes;
const link = (id: string, mac: string, more: Partial<MachineLink> = {}): MachineLink => {
  return { id, type: 'ether', kind: '', hardwareAddr: mac, permanentAddr: mac, driver: 'i40e', ...more };
};
const links = [
  link('enp1s0f0np0', 'f8:f2:1e:20:57:00'),
  link('enp1s0f1np1', 'f8:f2:1e:20:57:01'),
  link('eno1', '00:25:90:00:00:01', { driver: 'igb' }),
  { id: 'lo', type: 'loopback', kind: '' },
];
const disks: MachineDisk[] = [
  { dev_path: '/dev/nvme0n1', size: 1_000_204_886_016, transport: 'nvme', model: 'Samsung 990' },
  { dev_path: '/dev/sda', size: 480_103_981_056, transport: 'sata', model: 'INTEL D3', serial: 'S1' },
];
const machine: NodeFacts = { state: 'maintenance', version: 'v1.11.2', disks, links };
const evaluate = (facts: NodeFacts, changes: Partial<Node> = {}) => {
  if (node === undefined) throw new Error('the base has no node');
  const { state, why, fix } = evaluateNode(definition, { ...node, ...changes }, '10.25.11.11:50000', facts);
  return { state, why, fix };
};

describe('the result of a node', () => {
  test('in maintenance mode with the configured hardware', () => {
    expect(evaluate(machine)).toEqual({
      state: 'ok',
      why: 'maintenance mode, Talos v1.11.2, installs on /dev/sda (480 GB), bond0 of enp1s0f0np0 and enp1s0f1np1',
      fix: '',
    });
  });

  test('configured by this stack', () => {
    expect(evaluate({ ...machine, state: 'configured' }).why).toBe(
      'configured by this stack, Talos v1.11.2, installs on /dev/sda (480 GB), bond0 of enp1s0f0np0 and enp1s0f1np1',
    );
  });

  test('passes if the machine does not report its hardware', () => {
    expect(evaluate({ state: 'maintenance' })).toEqual({
      state: 'ok',
      why: 'maintenance mode, Talos version unknown, disks unknown, links unknown',
      fix: '',
    });
  });

  test('unreachable', () => {
    expect(evaluate({ state: 'unreachable', why: 'ECONNREFUSED' })).toEqual({
      state: 'failed',
      why: 'Talos does not respond at 10.25.11.11:50000: ECONNREFUSED',
      fix: 'boot it from the Talos image, or correct its address in Pulumi.east.yaml',
    });
  });

  test.each([
    [true, "is configured at 10.25.11.11:50000, but not by this stack: it rejects the stack's client certificate"],
    [false, 'is configured at 10.25.11.11:50000, but this stack has not generated its machine secrets yet'],
  ])('configured by another stack (this stack has an identity: %s)', (stackHasIdentity, why) => {
    const fix =
      'correct its address in Pulumi.east.yaml, or reset that machine with its own talosconfig: talosctl reset ' +
      '--nodes 10.25.11.11 --endpoints 10.25.11.11 --graceful=false --reboot ' +
      '--system-labels-to-wipe STATE --system-labels-to-wipe EPHEMERAL';
    expect(evaluate({ state: 'foreign', stackHasIdentity })).toEqual({ state: 'failed', why, fix });
  });

  test('on another Talos version, before and after it is configured', () => {
    const why = 'runs Talos v1.10.7, but TALOS_VERSION is v1.11.2';
    expect(evaluate({ ...machine, version: 'v1.10.7' })).toEqual({
      state: 'failed',
      why,
      fix: 'boot it from the Talos v1.11.2 image, or correct TALOS_VERSION',
    });
    expect(evaluate({ ...machine, state: 'configured', version: 'v1.10.7' })).toMatchObject({
      state: 'ok',
      why: expect.stringContaining(
        'configured by this stack, Talos v1.10.7, `pulumi up` upgrades it to v1.11.2, installs on',
      ),
    });
    expect(evaluate({ ...machine, state: 'configured', version: 'v1.9.5' })).toEqual({
      state: 'failed',
      why: 'Talos v1.9.5 cannot go to v1.11.2 directly, because Talos supports no upgrade that skips a minor version',
      fix: 'set TALOS_VERSION to the latest 1.10 first',
    });
  });

  test('without the install disk, a link for the bond and a named link: one result', () => {
    expect(evaluate({ ...machine, disks: disks.slice(0, 1), links: links.slice(2) })).toEqual({
      state: 'failed',
      why:
        'no disk matches installDisk /dev/sda; found /dev/nvme0n1 (1 TB); ' +
        'no link matches network.interfaces.bond0.bond.deviceSelectors[0] (f8:f2:1e:20:57:* i40e); found eno1 00:25:90:00:00:01 igb; ' +
        'has no link enp1s0f0np0; found eno1 00:25:90:00:00:01 igb; ' +
        'has no link enp1s0f1np1; found eno1 00:25:90:00:00:01 igb',
      fix:
        'correct its installDisk in Pulumi.east.yaml; correct network.interfaces.bond0.bond.deviceSelectors[0] in Pulumi.east.yaml; ' +
        'correct network.ethernet.enp1s0f0np0 in Pulumi.east.yaml; correct network.ethernet.enp1s0f1np1 in Pulumi.east.yaml',
    });
  });

  test('without any disks or links', () => {
    const { why } = evaluate({ ...machine, disks: [], links: [] });
    expect(why.split('; ').slice(0, 4)).toEqual([
      'no disk matches installDisk /dev/sda',
      'found no disks',
      'no link matches network.interfaces.bond0.bond.deviceSelectors[0] (f8:f2:1e:20:57:* i40e)',
      'found no links',
    ]);
  });

  test('that runs without a volume of its stack, whose mount would hide files', () => {
    const changes = { userVolumes: { data: {}, openebs: {} } };
    const running: NodeFacts = { ...machine, state: 'configured', volumes: ['EPHEMERAL', 'u-data'] };
    expect(evaluate(running, changes)).toEqual({
      state: 'warning',
      why:
        'configured by this stack, Talos v1.11.2, installs on /dev/sda (480 GB), bond0 of enp1s0f0np0 and enp1s0f1np1; ' +
        'it has no volume at /var/mnt/openebs yet, and the files that are in that folder would be hidden',
      fix: 'move the files away before `pulumi up`, and back after it (docs/machines.md); a folder without files needs nothing',
    });
    expect(evaluate({ ...running, volumes: undefined }, changes).state).toBe('ok');
    expect(evaluate({ ...running, state: 'maintenance' }, changes).state).toBe('ok');
  });

  test('with several disks that match the selector', () => {
    const image = { installDisk: undefined, installDiskSelector: { size: '>= 400GB' } };
    expect(evaluate(machine, image).why).toMatch(
      /installs on \/dev\/nvme0n1 \(1 TB\).*; 2 disks match, and Talos uses the first one it finds$/,
    );
    const none = { ...image, installDiskSelector: { size: '>= 4TB' } };
    expect(evaluate(machine, none).why).toBe(
      'no disk matches installDiskSelector {"size":">= 4TB"}; found /dev/nvme0n1 (1 TB), /dev/sda (480 GB)',
    );
  });
});

describe('the install disk', () => {
  const chosen = (installDiskSelector: object, among = disks) =>
    installDisks({ installDiskSelector }, among).map(({ dev_path: path }) => path);

  test.each([
    [{ size: '< 500GB' }, ['/dev/sda']],
    [{ size: '<= 480103981056' }, ['/dev/sda']],
    [{ size: '480103981056' }, ['/dev/sda']],
    [{ size: '== 1TB' }, []],
    [{ size: '> 0.9 TiB' }, ['/dev/nvme0n1']],
    [{ size: 'big' }, []],
    [{ type: 'nvme' }, ['/dev/nvme0n1']],
    [{ type: 'ssd' }, ['/dev/nvme0n1', '/dev/sda']],
    [{ type: 'hdd' }, []],
    [{ type: 'sd' }, []],
    [{ model: 'Samsung*' }, ['/dev/nvme0n1']],
    [{ model: 'INTEL*', serial: 'S1' }, ['/dev/sda']],
    [{ serial: 'S*', type: 'nvme' }, []],
    [{ wwid: 'eui.*' }, []],
    [{ busPath: '*' }, ['/dev/nvme0n1', '/dev/sda']],
  ])('%j', (selector, paths) => {
    expect(chosen(selector)).toEqual(paths);
  });

  test('never selects a disk that cannot be installed on', () => {
    const unusable = disks.flatMap((disk) => [
      { ...disk, readonly: true },
      { ...disk, cdrom: true },
      { ...disk, transport: '' },
    ]);
    expect(chosen({ size: '> 1GB' }, unusable)).toEqual([]);
  });

  test('can be given as a symlink', () => {
    const linked = [{ ...(disks[1] as MachineDisk), symlinks: ['/dev/disk/by-id/ata-S1'] }];
    expect(installDisks({ installDisk: '/dev/disk/by-id/ata-S1' }, linked)).toEqual(linked);
  });
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1500, '1.5 KB'],
  [480_103_981_056, '480 GB'],
  [1_000_204_886_016, '1 TB'],
])('formats %d bytes as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

describe('a device selector', () => {
  const selected = (selector: object, among = links) => selectedLinks(selector, among).map(({ id }) => id);

  test('selects physical links that match all conditions', () => {
    expect(selected({ hardwareAddr: '*' })).toEqual(['enp1s0f0np0', 'enp1s0f1np1', 'eno1']);
    expect(selected({ hardwareAddr: 'f8:*', driver: 'igb' })).toEqual([]);
    expect(selected({ busPath: '0000:*' })).toEqual([]);
  });

  test('finds a bonded link by its permanent address', () => {
    const bonded = [link('enp1s0f1np1', 'f8:f2:1e:20:57:01', { hardwareAddr: 'aa:00:00:00:00:00' })];
    expect(selected({ hardwareAddr: 'f8:f2:1e:20:57:01' }, bonded)).toEqual(['enp1s0f1np1']);
  });
});

describe('the identity in a state', () => {
  const secretMarker = { '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270' };
  const hidden = (value: unknown) => ({ ...secretMarker, plaintext: JSON.stringify(value) });
  const identity = { caCertificate: 'Y2E=', clientCertificate: 'Y3J0', clientKey: 'a2V5' };
  const state = (clientConfiguration: unknown) => ({
    deployment: { resources: [{ type: 'talos:machine/secrets:Secrets', outputs: { clientConfiguration } }] },
  });

  test('is read as one secret or as a secret per field', () => {
    expect(identityInState(state(hidden(identity)))).toEqual(identity);
    expect(identityInState(state({ ...identity, clientKey: hidden('a2V5') }))).toEqual(identity);
  });

  test('is undefined until the stack has generated machine secrets', () => {
    for (const empty of [{}, { deployment: null }, { deployment: { resources: null } }, state(undefined)]) {
      expect(identityInState(empty)).toBeUndefined();
    }
    expect(identityInState(state(hidden({ ...identity, clientKey: '' })))).toBeUndefined();
  });
});
