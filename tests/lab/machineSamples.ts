import fc from 'fast-check';
import { type DefinitionInput, defineCluster } from '../../cluster/defineCluster';
import type { ClusterDefinition } from '../../cluster/definition';
import { DefinitionError } from '../../cluster/problems';
import { baseInput } from '../cluster/fixtures';
import { mutants } from '../cluster/mutations';

// Definitions that the program accepts, to ask Talos about their machines.

/** Mostly one of the values that are meant to be right, sometimes another one. */
const mostly = <T>(right: readonly T[], wrong: readonly unknown[]): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 40, arbitrary: fc.constantFrom(...right) }, { weight: 1, arbitrary: fc.constantFrom(...wrong) });
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
const bond = section(
  {
    interface: mostly(['bond0', 'b', 'bond-with-15-ch', 'bond0.1'], ['']),
    deviceSelectors: fc.array(selector, { minLength: 1, maxLength: 2 }),
    mode: mostly(modes, ['balance-rr', 'lacp']),
    xmitHashPolicy: mostly(['layer2', 'layer2+3', 'layer3+4', 'encap2+3', 'encap3+4'], ['vlan+srcmac']),
    lacpRate: mostly(['fast', 'slow'], ['medium']),
    miimon: mostly([1, 100, 10_000], [0, 10_001]),
  },
  ['interface', 'deviceSelectors', 'mode', 'miimon'],
);
const count = mostly([1, 8, 1024], [0, 65_536]);
const ethernet = section(
  {
    name: mostly(['enp1s0f0np0', 'eth0', 'x', 'eth-1.2'], ['not a name']),
    rings: fc.record({ rx: mostly([64, 8160, 65_535], [1]), tx: mostly([512], [0]) }),
    channels: section({ rx: count, tx: count, other: count, combined: count }),
    features: fc.dictionary(fc.constantFrom('rx-gro', 'tx-tcp-segmentation'), fc.boolean(), { maxKeys: 2 }),
  },
  ['name'],
);
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
  model: pattern,
  serial: pattern,
  wwid: pattern,
  busPath: pattern,
  type: mostly(['hdd', 'sd', 'ssd', 'nvme'], ['tape']),
});
const image = fc.oneof(
  fc.record({ installDisk: mostly(['/dev/sda', '/dev/disk/by-id/ata-X'], ['/dev/', 'sda']) }),
  fc.record({ installDiskSelector: diskSelector }),
);
const network = fc.record({
  bond,
  ethernet: fc.array(ethernet, { maxLength: 2 }),
  nameservers: fc.subarray(['10.25.11.1', '9.9.9.9', '2620:fe::fe'], { minLength: 1 }),
  timeservers: fc.subarray(['time.cloudflare.com', '10.25.11.1', '2001:db8::1'], { minLength: 1 }),
  mtu: mostly([1500, 9000, 9216], [1280, 9217]),
  vlan: fc.record({
    id: mostly([1, 2512, 4094], [0, 4095]),
    mtu: fc.constantFrom(1280, 1500),
    routeMetric: mostly([1, 4096, 2 ** 32 - 1], [0]),
  }),
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
  return fc.sample(fc.record({ network, image }), { numRuns: count, seed }).flatMap((random, index) => {
    const set = {
      ...Object.fromEntries(Object.entries(random.network).map(([key, value]) => [`config.network.${key}`, value])),
      ...Object.fromEntries(Object.entries(random.image).map(([key, value]) => [`config.image.${key}`, value])),
    };
    // Without a device filter, no install disk is refused for Ceph's sake.
    const remove = ['settings.ROOK_CEPH_DEVICE_FILTER'];
    if (!('installDisk' in random.image)) remove.push('config.image.installDisk');
    const definition = accepted(baseInput({ set, remove }));
    return definition === undefined ? [] : [{ name: `random ${index}: ${JSON.stringify(random)}`, definition }];
  });
}

/** What the program still accepts after a single value of a definition was changed. */
export function mutantSamples(): Sample[] {
  return [...mutants()].flatMap(({ mutation, key, input }) => {
    const definition = accepted(input);
    return definition === undefined ? [] : [{ name: `${key}, ${mutation}`, definition }];
  });
}
