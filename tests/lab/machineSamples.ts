import fc from 'fast-check';
import { type DefinitionInput, defineCluster } from '../../cluster/defineCluster';
import type { ClusterDefinition } from '../../cluster/definition';
import { DefinitionError } from '../../cluster/problems';
import { baseInput } from '../cluster/fixtures';
import { mutants } from '../cluster/mutations';

// Definitions that the program accepts, to ask Talos about their machines.

/** Mostly one of the values that are meant to be right, sometimes another one. */
const mostly = <T>(right: readonly T[], wrong: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 150, arbitrary: fc.constantFrom(...right) }, { weight: 1, arbitrary: fc.constantFrom(...wrong) });
const section = (shape: Record<string, fc.Arbitrary<unknown>>, requiredKeys: string[] = []) =>
  fc.record(shape, { requiredKeys: requiredKeys as never[] });

const glob = mostly(['f8:f2:1e:20:57:*', 'aa:bb:cc:00:00:01', '*', '??:*'], ['nonsense']);
const selector = section({
  hardwareAddr: glob,
  permanentAddr: glob,
  driver: mostly(['i40e', 'igb', '*'], [' ']),
  busPath: mostly(['0000:01:*', '*', 'x"y', "it's"], ['']),
  physical: mostly([true], [false, 'true']),
});
const modes = ['802.3ad', 'active-backup', 'balance-alb', 'balance-tlb', 'balance-xor'];
const milliseconds = mostly([0, 100, 200, 10_000], [-1, 1.5]);
const bondOptions = {
  mode: mostly(modes, ['lacp']),
  xmitHashPolicy: mostly(['layer2', 'layer2+3', 'layer3+4', 'encap2+3', 'encap3+4'], ['vlan+srcmac']),
  lacpRate: mostly(['fast', 'slow'], ['medium']),
  miimon: milliseconds,
  updelay: milliseconds,
  downdelay: milliseconds,
  primary: mostly(['eth0'], ['']),
  primaryReselect: mostly(['always', 'better', 'failure'], ['never']),
  failOverMac: mostly(['none', 'active', 'follow'], ['all']),
  adSelect: mostly(['stable', 'bandwidth', 'count'], ['best']),
  adActorSysPrio: mostly([0, 1, 65_535], [65_536]),
  adUserPortKey: mostly([0, 1023], [1024]),
  arpInterval: milliseconds,
  arpValidate: mostly(['none', 'active', 'backup', 'all'], ['some']),
  arpAllTargets: mostly(['any', 'all'], ['some']),
  resendIgmp: mostly([0, 255], [256]),
  minLinks: mostly([0, 2], [-1]),
  lpInterval: mostly([1], [-1]),
  packetsPerSlave: mostly([0, 1, 2], [-1]),
  numPeerNotif: mostly([0, 255], [256]),
  peerNotifyDelay: milliseconds,
  tlbDynamicLb: mostly([0, 1], [2]),
  allSlavesActive: mostly([0, 1], [2]),
  useCarrier: mostly([true, false], ['yes']),
};
// Few options at a time: most pairs of options and modes are refused.
const bond = fc
  .tuple(
    fc.oneof(
      fc.record({ deviceSelectors: fc.array(selector, { minLength: 1, maxLength: 2 }) }),
      fc.record({ interfaces: mostly([['eth0'], ['eth0', 'eth1']], [[]]) }),
    ),
    bondOptions.mode,
    fc.subarray(Object.keys(bondOptions) as (keyof typeof bondOptions)[], { maxLength: 3 }),
    fc.record(bondOptions),
  )
  .map(([links, mode, chosen, options]) => ({
    ...links,
    mode,
    ...Object.fromEntries(chosen.map((key) => [key, options[key]])),
  }));
const count = mostly([1, 8, 1024], [0, 65_536]);
const ethernet = section({
  rings: section({ rx: mostly([64, 8160, 65_535], [0]), tx: mostly([512], [0]), 'rx-push': mostly([true], ['on']) }),
  channels: section({ rx: count, tx: count, other: count, combined: count }),
  features: fc.dictionary(fc.constantFrom('rx-gro', 'tx-tcp-segmentation'), fc.boolean(), { maxKeys: 2 }),
});
const size = fc
  .tuple(
    mostly(['', '<=', '>=', '==', '<', '>'], ['=', '=>']),
    fc.constantFrom('', ' '),
    fc.oneof(mostly(['400', '1.5', '1,024', '.5', '20000000'], ['1.', '1e3', '']), fc.nat().map(String)),
    mostly(['', 'B', 'k', 'KB', 'kib', 'GB', 'Gi', 'TiB', ' GB', 'pb', 'EiB'], ['ib', 'parsec', 'GB or more']),
  )
  .map((parts) => parts.join(''));
const pattern = mostly(['Samsung*', '*', 'S"1', "it's", 'a\\b', 'ü', '[x]', '{a,b}'], ['', ' ']);
const diskSelector = section({
  size,
  name: pattern,
  model: pattern,
  serial: pattern,
  modalias: pattern,
  uuid: pattern,
  wwid: pattern,
  busPath: pattern,
  type: mostly(['hdd', 'sd', 'ssd', 'nvme'], ['tape']),
});
const installDisk = fc.oneof(
  fc.record({ installDisk: mostly(['/dev/sda', '/dev/disk/by-id/ata-X'], ['/dev/', 'sda']) }),
  fc.record({ installDiskSelector: diskSelector }),
);
const addresses = fc.subarray(['10.9.0.1/24', '2001:db8::1/64', '192.0.2.1/32']);
const route = section({
  network: mostly(['0.0.0.0/0', '10.0.0.0/8', '::/0', '10.1.2.3/8'], ['10.0.0.0']),
  gateway: mostly(['10.25.11.1', '2001:db8::2'], ['router']),
  metric: mostly([0, 1024], [-1]),
  mtu: mostly([1500], [1]),
  source: mostly(['10.25.11.12'], ['10.25.11.12/24']),
});
const addressing = {
  mtu: mostly([1280, 1500, 9000], [1]),
  dhcp: fc.boolean(),
  dhcpOptions: section({
    routeMetric: mostly([0, 4096, 2 ** 32 - 1], [-1]),
    ipv4: fc.boolean(),
    ipv6: fc.boolean(),
    duidv6: mostly(['00:01:00:01'], ['x']),
  }),
  addresses,
  routes: fc.array(route, { maxLength: 2 }),
};
const kind = fc.oneof(
  fc.record({ bond }),
  fc.record({
    bridge: section({ interfaces: fc.subarray(['eth7', 'eth8']), stp: fc.record({ enabled: fc.boolean() }) }, [
      'interfaces',
    ]),
  }),
  fc.record({ dummy: fc.boolean() }),
  fc.record({ deviceSelector: selector }),
  fc.constant({}),
);
const link = fc
  .tuple(
    kind,
    section({
      ...addressing,
      vlans: fc.dictionary(mostly(['1', '2512', '4094'], ['0', '4095']).map(String), section(addressing), {
        maxKeys: 2,
      }),
    }),
  )
  .map(([what, how]) => ({ ...what, ...how }));
const network = section({
  interfaces: fc.dictionary(mostly(['bond0', 'eth9', 'br-with-15-char', 'x.1'], ['']).map(String), link, {
    maxKeys: 2,
  }),
  ethernet: fc.dictionary(mostly(['enp1s0f0np0', 'eth0', 'x', 'eth-1.2'], ['not a name']).map(String), ethernet, {
    maxKeys: 2,
  }),
  nameservers: fc.subarray(['10.25.11.1', '9.9.9.9', '2620:fe::fe']),
  timeservers: fc.subarray(['time.cloudflare.com', '10.25.11.1', '2001:db8::1']),
  searchDomains: fc.subarray(['example.org', 'lan.example.org']),
});
const encryption = fc.record({
  keys: fc.array(
    section(
      {
        slot: fc.nat(7),
        nodeID: fc.constant({}),
        tpm: section({ checkSecurebootStatusOnEnroll: fc.boolean() }),
        kms: fc.record({ endpoint: mostly(['https://kms.example.org:4050'], ['kms']) }),
        lockToState: fc.boolean(),
      },
      ['slot', 'nodeID'],
    ),
    { minLength: 1, maxLength: 2 },
  ),
});
const provisioningShape = {
  diskSelector: fc.record({
    match: mostly(['system_disk', "disk.transport == 'nvme' && disk.size > 100u * GiB"], ['disk.size >']),
  }),
  grow: fc.boolean(),
  minSize: mostly(['1GiB', '10GB'], ['much']),
  maxSize: mostly(['20GiB', '50GB'], ['50%']),
};
const provisioning = section(provisioningShape);
/** Of a volume that is not Talos' own: it needs a disk and a size. */
const provisioned = section(provisioningShape, ['diskSelector', 'minSize']);
const names = mostly(['data', 'A-1', 'x'.repeat(34)], ['a_b', 'x'.repeat(35)]).map(String);
const volumes = (shape: Record<string, fc.Arbitrary<unknown>>) =>
  fc.dictionary(names, section(shape, Object.keys(shape).slice(0, 1)), { maxKeys: 1 });
const filesystem = section({ type: mostly(['xfs', 'ext4'], ['zfs']), projectQuotaSupport: fc.boolean() });
const machine = section({
  volumes: section({
    EPHEMERAL: section({ provisioning, encryption }),
    STATE: section({ encryption }),
    IMAGECACHE: section({ provisioning }),
  }),
  userVolumes: volumes({ provisioning: provisioned, encryption, filesystem }),
  rawVolumes: volumes({ provisioning: provisioned, encryption }),
  swapVolumes: volumes({ provisioning: provisioned }),
  existingVolumes: volumes({
    discovery: fc.constant({ volumeSelector: { match: 'true' } }),
    mount: section({ readOnly: fc.boolean() }),
  }),
  nodeLabels: fc.dictionary(
    mostly(['a', 'example.org/rack'], ['a b', '/a']).map(String),
    mostly(['', 'a.b_c'], ['-']).map(String),
  ),
  nodeAnnotations: fc.dictionary(
    mostly(['a', 'example.org/note'], ['a b']).map(String),
    fc.constantFrom('', 'any text'),
  ),
  nodeTaints: fc.dictionary(
    mostly(['gpu', 'example.org/gpu'], ['a b']).map(String),
    mostly(['NoSchedule', ':NoExecute', 'a:PreferNoSchedule'], ['Never', 'a']).map(String),
  ),
  kernelModules: fc.array(section({ name: mostly(['nbd'], ['']), parameters: fc.subarray(['a=b']) }, ['name']), {
    maxLength: 1,
  }),
  sysctls: fc.dictionary(fc.constantFrom('vm.nr_hugepages', 'net/ipv4/ip_forward'), fc.constantFrom<unknown>('1', 2)),
});

/** The definition of a cluster, or undefined if the program refuses it. */
function accepted(input: DefinitionInput): ClusterDefinition | undefined {
  try {
    return defineCluster(input);
  } catch (error) {
    if (error instanceof DefinitionError) return undefined;
    throw error;
  }
}

/** A definition, and how it came about. */
export interface Sample {
  name: string;
  definition: ClusterDefinition;
}

/** What the program accepts of `count` random hardware sections; the same for the same seed. */
export function randomSamples(count: number, seed: number): Sample[] {
  return fc.sample(fc.record({ network, installDisk, machine }), { numRuns: count, seed }).flatMap((random, index) => {
    const { interfaces } = random.network as { interfaces?: object };
    const [nodeAddressOn] = Object.keys(interfaces ?? {});
    const machines = { ...random.machine, ...random.installDisk, network: { ...random.network, nodeAddressOn } };
    // Without Ceph, no install disk is refused for its device filter's sake.
    const definition = accepted(
      baseInput({
        set: { 'config.machines': machines },
        remove: ['systems.rook-ceph-cluster', 'settings.ROOK_CEPH_DEVICE_FILTER'],
      }),
    );
    return definition === undefined ? [] : [{ name: `random ${index}: ${JSON.stringify(machines)}`, definition }];
  });
}

/** What the program still accepts after a single value of a definition was changed. */
export function mutantSamples(): Sample[] {
  return [...mutants()].flatMap(({ mutation, key, input }) => {
    const definition = accepted(input);
    return definition === undefined ? [] : [{ name: `${key}, ${mutation}`, definition }];
  });
}
