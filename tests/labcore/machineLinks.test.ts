import { fillMac, linkHints, machineLinks } from '../../lab/machines/links';

const rings = { rx: 512, tx: 512 };

test('the interfaces match the stack file, plus one more', () => {
  const ethernet = { enp1s0f0np0: { rings }, enp1s0f1np1: { rings } };
  const deviceSelectors = [{ hardwareAddr: 'f8:f2:1e:20:57:*', driver: 'i40e' }];
  expect(
    machineLinks(
      linkHints({ ethernet, interfaces: { bond0: { bond: { mode: '802.3ad', deviceSelectors } } } }),
      '10.25.11.12',
    ),
  ).toEqual([
    { name: 'enp1s0f0np0', hardwareAddr: 'f8:f2:1e:20:57:30', driver: 'i40e', busPath: '0000:01:00.0' },
    { name: 'enp1s0f1np1', hardwareAddr: 'f8:f2:1e:20:57:31', driver: 'i40e', busPath: '0000:01:00.1' },
    { name: 'eno1', hardwareAddr: '02:00:00:00:0b:0c', driver: 'lab-onboard', busPath: '0000:00:1f.6' },
  ]);
});

test('each selector gets an interface, even without names or addresses', () => {
  const selectors = [{ busPath: '0000:02:*' }, { driver: 'mlx5_core' }, { hardwareAddr: 'aa:bb:cc:dd:ee:ff' }];
  expect(machineLinks({ names: ['eno1'], selectors }, '10.0.0.1')).toEqual([
    { name: 'eno1', hardwareAddr: '00:00:00:00:00:04', driver: 'lab-card', busPath: '0000:02:0' },
    { name: 'enp1s0f1', hardwareAddr: '00:00:00:00:00:05', driver: 'mlx5_core', busPath: '0000:01:00.1' },
    { name: 'enp1s0f2', hardwareAddr: 'aa:bb:cc:dd:ee:ff', driver: 'lab-card', busPath: '0000:01:00.2' },
  ]);
});

test('a description without a bond: named links, links by selector, members of a bridge', () => {
  const interfaces = {
    eth0: { dhcp: true, vlans: { '7': {} } },
    left: { deviceSelector: { busPath: '0000:03:00.0' } },
    br0: { bridge: { interfaces: ['eth1', 'dummy0'] } },
    dummy0: { dummy: true },
  };
  expect(linkHints({ interfaces })).toEqual({ names: ['eth0', 'eth1'], selectors: [{ busPath: '0000:03:00.0' }] });
  expect(linkHints({})).toEqual({ names: [], selectors: [] });
});

test('hardware addresses are unique across the machines of a cluster', () => {
  const hints = { names: [], selectors: [{ hardwareAddr: 'f8:f2:1e:20:57:*' }] };
  const nodes = ['10.0.0.11', '10.0.0.12', '10.0.0.13', '10.0.0.14'];
  const all = nodes.flatMap((address) => machineLinks(hints, address).map(({ hardwareAddr }) => hardwareAddr));
  expect(new Set(all).size).toBe(all.length);
});

test.each([
  ['*', '00:00:00:00:12:ab'],
  ['f8:f2:1e:2*', 'f8:f2:1e:20:12:ab'],
  ['*:57', '00:00:00:12:ab:57'],
  ['*f8:f2:1e:*', 'f8:f2:1e:00:12:ab'],
  ['f8:f2:1e:20:57:01', 'f8:f2:1e:20:57:01'],
  ['*:57:*', undefined],
  ['f8:f2', undefined],
  ['f8:f2:1e:20:57:01:02', undefined],
])('%s becomes %s', (pattern, filled) => expect(fillMac(pattern, 0x12ab)).toBe(filled));
