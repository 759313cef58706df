import * as z from 'zod';
import {
  described,
  hasKeys,
  integer,
  list,
  nonEmpty,
  oneOf,
  section,
  text,
  trueOrFalse,
  unsigned,
} from '../schemaTypes';

/** The name of a link, which the kernel limits to 15 characters. */
export const linkName = text('an interface name of at most 15 characters', (value) =>
  /^[A-Za-z][A-Za-z0-9_.-]{0,14}$/.test(value),
);

const macAddress = text('a lower-case MAC address, * allowed', (value) => /^[0-9a-f*?:]+$/.test(value));

/** Talos matches a link that meets every condition. See `bondChecks.ts` for conditions that match too much. */
export const deviceSelector = section({
  hardwareAddr: described(macAddress.optional(), 'The hardware address that the link has now; a bond changes it.'),
  permanentAddr: described(macAddress.optional(), 'The hardware address that is burnt into the link.'),
  busPath: described(
    nonEmpty('a bus path, * allowed').optional(),
    'Where the link is plugged in, such as 0000:01:00.0.',
  ),
  pciID: described(
    text('a PCI id such as 8086:1572, * allowed', (value) =>
      /^[0-9A-Fa-f*?]+:[0-9A-Fa-f*?]+$|^\*$/.test(value),
    ).optional(),
    'The vendor and the product of the link.',
  ),
  driver: described(nonEmpty('a kernel driver name').optional(), 'The kernel driver of the link.'),
  physical: described(
    z.literal(true, { error: 'true, which selects physical links only' }).optional(),
    'Only physical links.',
  ),
}).refine(hasKeys, { error: 'at least one of hardwareAddr, permanentAddr, busPath, pciID, driver, physical' });

const field = (name: string) => `machine.network.interfaces[].bond.${name}`;
const milliseconds = integer('milliseconds from 0 to 4294967295', 0, 2 ** 32 - 1);

/** A bond, in Talos' names. `machineChecks.ts` has the rules between its fields. */
export const bondSchema = section({
  deviceSelectors: described(
    list(deviceSelector, 'at least one device selector').optional(),
    'The links of the bond, by their properties.',
    field('deviceSelectors'),
  ),
  interfaces: described(
    list(linkName, 'at least one link').optional(),
    'The links of the bond, by name.',
    field('interfaces'),
  ),
  mode: described(
    oneOf([
      '802.3ad',
      'active-backup',
      'balance-alb',
      'balance-rr',
      'balance-tlb',
      'balance-xor',
      'broadcast',
    ] as const),
    'How the bond uses its links.',
    field('mode'),
  ),
  xmitHashPolicy: described(
    oneOf(['layer2', 'layer2+3', 'layer3+4', 'encap2+3', 'encap3+4'] as const).optional(),
    'What decides over which link a packet leaves.',
    field('xmitHashPolicy'),
  ),
  lacpRate: described(
    oneOf(['fast', 'slow'] as const).optional(),
    'How often LACP packets are sent; only in mode 802.3ad.',
    field('lacpRate'),
  ),
  miimon: described(milliseconds.optional(), 'How often the links are looked at, in milliseconds.', field('miimon')),
  updelay: described(
    milliseconds.optional(),
    'How long a link must be up before it is used, in milliseconds; a multiple of miimon.',
    field('updelay'),
  ),
  downdelay: described(
    milliseconds.optional(),
    'How long a link must be down before it is left, in milliseconds; a multiple of miimon.',
    field('downdelay'),
  ),
  primary: described(linkName.optional(), 'The link that is preferred.', field('primary')),
  primaryReselect: described(
    oneOf(['always', 'better', 'failure'] as const).optional(),
    'When the primary link is chosen again.',
    field('primaryReselect'),
  ),
  failOverMac: described(
    oneOf(['none', 'active', 'follow'] as const).optional(),
    'Which hardware address the bond has after a failover.',
    field('failOverMac'),
  ),
  adSelect: described(
    oneOf(['stable', 'bandwidth', 'count'] as const).optional(),
    'How the active aggregator is chosen; only in mode 802.3ad.',
    field('adSelect'),
  ),
  adActorSysPrio: described(
    unsigned(16).optional(),
    "The bond's system priority; only in mode 802.3ad.",
    field('adActorSysPrio'),
  ),
  adUserPortKey: described(
    integer('an integer from 0 to 1023', 0, 1023).optional(),
    'The upper bits of the port key; only in mode 802.3ad.',
    field('adUserPortKey'),
  ),
  arpInterval: described(
    milliseconds.optional(),
    'How often ARP requests are sent, in milliseconds.',
    field('arpInterval'),
  ),
  arpValidate: described(
    oneOf(['none', 'active', 'backup', 'all'] as const).optional(),
    'Which ARP answers are validated.',
    field('arpValidate'),
  ),
  arpAllTargets: described(
    oneOf(['any', 'all'] as const).optional(),
    'Whether any or all ARP targets must answer.',
    field('arpAllTargets'),
  ),
  resendIgmp: described(
    integer('an integer from 0 to 255', 0, 255).optional(),
    'How many IGMP reports follow a failover.',
    field('resendIgmp'),
  ),
  minLinks: described(unsigned(32).optional(), 'How many links must be up for the bond to be up.', field('minLinks')),
  lpInterval: described(unsigned(32).optional(), 'Seconds between learning packets.', field('lpInterval')),
  packetsPerSlave: described(
    integer('an integer from 0 to 65535', 0, 65_535).optional(),
    'How many packets leave over a link before the next one is used; only in mode balance-rr.',
    field('packetsPerSlave'),
  ),
  numPeerNotif: described(
    unsigned(8).optional(),
    'How many peer notifications follow a failover.',
    field('numPeerNotif'),
  ),
  peerNotifyDelay: described(
    milliseconds.optional(),
    'Milliseconds between peer notifications.',
    field('peerNotifyDelay'),
  ),
  tlbDynamicLb: described(
    integer('0 or 1', 0, 1).optional(),
    'Whether flows are shuffled between links; only in modes balance-tlb and balance-alb.',
    field('tlbDynamicLb'),
  ),
  allSlavesActive: described(
    integer('0 or 1', 0, 1).optional(),
    'Whether frames that arrive on inactive links are delivered.',
    field('allSlavesActive'),
  ),
  useCarrier: described(trueOrFalse.optional(), "Whether the driver's carrier state is used.", field('useCarrier')),
});
