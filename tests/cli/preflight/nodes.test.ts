import { defineCluster } from '../../../cluster/define';
import { selectedLinks } from '../../../cli/preflight/nodes/deviceSelector';
import { fitsPattern, installDisks, parseBytes, showBytes } from '../../../cli/preflight/nodes/diskSelector';
import { identityInState } from '../../../cli/preflight/nodes/identityInState';
import { evaluateNode, type NodeFacts } from '../../../cli/preflight/nodes/evaluateNode';
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
const judge = (facts: NodeFacts, image = definition.image) => {
  if (node === undefined) throw new Error('the base has no node');
  const { state, why, fix } = evaluateNode({ ...definition, image }, node, '10.25.11.11:50000', facts);
  return { state, why, fix };
};

describe('the line of a node', () => {
  test('a machine in maintenance mode that has what the configuration names', () => {
    expect(judge(machine)).toEqual({
      state: 'ok',
      why: 'maintenance mode, Talos v1.11.2, installs on /dev/sda (480 GB), bond0 of enp1s0f0np0 and enp1s0f1np1',
      fix: '',
    });
  });

  test('a machine that is configured by this stack', () => {
    expect(judge({ ...machine, state: 'ours' }).why).toBe(
      'configured by this stack, Talos v1.11.2, installs on /dev/sda (480 GB), bond0 of enp1s0f0np0 and enp1s0f1np1',
    );
  });

  test('what a machine does not show is not held against it', () => {
    expect(judge({ state: 'maintenance' })).toEqual({
      state: 'ok',
      why: 'maintenance mode, Talos does not say its version, disks not shown, links not shown',
      fix: '',
    });
  });

  test('no answer', () => {
    expect(judge({ state: 'silent', why: 'ECONNREFUSED' })).toEqual({
      state: 'failed',
      why: 'Talos does not answer at 10.25.11.11:50000: ECONNREFUSED',
      fix: 'start it from the Talos image, or correct its address in Pulumi.east.yaml',
    });
  });

  test.each([
    [true, "is configured at 10.25.11.11:50000, but not by this stack: it does not take the stack's identity"],
    [false, 'is configured at 10.25.11.11:50000, and this stack has not made an identity for its machines yet'],
  ])('a machine of somebody else (the stack has an identity: %s)', (known, why) => {
    const fix = 'correct its address in Pulumi.east.yaml, or reset that machine: talosctl reset';
    expect(judge({ state: 'foreign', known })).toEqual({ state: 'failed', why, fix });
  });

  test('another Talos, before and after it is configured', () => {
    const why = 'runs Talos v1.10.7, where TALOS_VERSION is v1.11.2';
    expect(judge({ ...machine, version: 'v1.10.7' })).toEqual({
      state: 'failed',
      why,
      fix: 'start it from the image of Talos v1.11.2, or correct TALOS_VERSION',
    });
    expect(judge({ ...machine, state: 'ours', version: 'v1.10.7' })).toEqual({
      state: 'failed',
      why,
      fix: 'upgrade it: talosctl upgrade --nodes 10.25.11.11, or correct TALOS_VERSION',
    });
  });

  test('no install disk, no link for the bond, no link of a name: one line', () => {
    expect(judge({ ...machine, disks: disks.slice(0, 1), links: links.slice(2) })).toEqual({
      state: 'failed',
      why:
        'no disk fits image.installDisk /dev/sda; it has /dev/nvme0n1 (1 TB); ' +
        'no link fits network.bond.deviceSelectors[0] (f8:f2:1e:20:57:* i40e); it has eno1 00:25:90:00:00:01 igb; ' +
        'has no link enp1s0f0np0; it has eno1 00:25:90:00:00:01 igb; ' +
        'has no link enp1s0f1np1; it has eno1 00:25:90:00:00:01 igb',
      fix:
        'correct image.installDisk in Pulumi.east.yaml; correct network.bond.deviceSelectors[0] in Pulumi.east.yaml; ' +
        'correct network.ethernet[0].name in Pulumi.east.yaml; correct network.ethernet[1].name in Pulumi.east.yaml',
    });
  });

  test('no disk at all, and no link', () => {
    const { why } = judge({ ...machine, disks: [], links: [] });
    expect(why.split('; ').slice(0, 4)).toEqual([
      'no disk fits image.installDisk /dev/sda',
      'it has no disk',
      'no link fits network.bond.deviceSelectors[0] (f8:f2:1e:20:57:* i40e)',
      'it has no link',
    ]);
  });

  test('several disks that the selector takes are told', () => {
    const image = { ...definition.image, installDisk: undefined, installDiskSelector: { size: '>= 400GB' } };
    expect(judge(machine, image).why).toMatch(
      /installs on \/dev\/nvme0n1 \(1 TB\).*; 2 disks fit, and Talos takes the first that it finds$/,
    );
    const none = { ...image, installDiskSelector: { size: '>= 4TB' } };
    expect(judge(machine, none).why).toBe(
      'no disk fits image.installDiskSelector {"size":">= 4TB"}; it has /dev/nvme0n1 (1 TB), /dev/sda (480 GB)',
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

  test('what is no disk to write on is never taken', () => {
    const odd = disks.flatMap((disk) => [
      { ...disk, readonly: true },
      { ...disk, cdrom: true },
      { ...disk, transport: '' },
    ]);
    expect(chosen({ size: '> 1GB' }, odd)).toEqual([]);
  });

  test('a path may be one of its links', () => {
    const linked = [{ ...(disks[1] as MachineDisk), symlinks: ['/dev/disk/by-id/ata-S1'] }];
    expect(installDisks({ installDisk: '/dev/disk/by-id/ata-S1' }, linked)).toEqual(linked);
  });
});

test.each([
  ['400GB', 400e9],
  ['1 TiB', 2 ** 40],
  ['1.5k', 1500],
  ['1,024', 1024],
  ['12b', 12],
  ['GB', undefined],
  ['', undefined],
  ['1 parsec', undefined],
])('%s is %s bytes', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1500, '1.5 KB'],
  [480_103_981_056, '480 GB'],
  [1_000_204_886_016, '1 TB'],
])('%d bytes are shown as %s', (bytes, text) => {
  expect(showBytes(bytes)).toBe(text);
});

test.each([
  ['a*c', 'abbc', true],
  ['a*c', 'abbd', false],
  ['*', '', true],
  ['a.c', 'abc', false],
  ['A', 'a', false],
])('the pattern %s against %s: %s', (pattern, text, fits) => {
  expect(fitsPattern(pattern, text)).toBe(fits);
});

describe('a device selector', () => {
  const taken = (selector: object, among = links) => selectedLinks(selector, among).map(({ id }) => id);

  test('takes hardware only, and all that it says must fit', () => {
    expect(taken({ hardwareAddr: '*' })).toEqual(['enp1s0f0np0', 'enp1s0f1np1', 'eno1']);
    expect(taken({ hardwareAddr: 'f8:*', driver: 'igb' })).toEqual([]);
    expect(taken({ busPath: '0000:*' })).toEqual([]);
  });

  test('finds a link in its bond by its permanent address', () => {
    const bonded = [link('enp1s0f1np1', 'f8:f2:1e:20:57:01', { hardwareAddr: 'aa:00:00:00:00:00' })];
    expect(taken({ hardwareAddr: 'f8:f2:1e:20:57:01' }, bonded)).toEqual(['enp1s0f1np1']);
  });
});

describe('the identity in a state', () => {
  const mark = { '4dabf18193072939515e22adb298388d': '1b47061264138c4ac30d75fd1eb44270' };
  const hidden = (value: unknown) => ({ ...mark, plaintext: JSON.stringify(value) });
  const identity = { caCertificate: 'Y2E=', clientCertificate: 'Y3J0', clientKey: 'a2V5' };
  const state = (clientConfiguration: unknown) => ({
    deployment: { resources: [{ type: 'talos:machine/secrets:Secrets', outputs: { clientConfiguration } }] },
  });

  test('is read whole or field by field', () => {
    expect(identityInState(state(hidden(identity)))).toEqual(identity);
    expect(identityInState(state({ ...identity, clientKey: hidden('a2V5') }))).toEqual(identity);
  });

  test('is not there before the machines have secrets', () => {
    for (const empty of [{}, { deployment: null }, { deployment: { resources: null } }, state(undefined)]) {
      expect(identityInState(empty)).toBeUndefined();
    }
    expect(identityInState(state(hidden({ ...identity, clientKey: '' })))).toBeUndefined();
  });
});
