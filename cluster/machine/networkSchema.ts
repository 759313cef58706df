import * as z from 'zod';
import { isIpAddress } from '../../net/addresses';
import {
  described,
  domain,
  hasKeys,
  host,
  integer,
  ipAddress,
  mapOf,
  section,
  text,
  trueOrFalse,
  unsigned,
} from '../schemaTypes';
import { bondSchema, deviceSelector, linkName } from './bondSchema';

const field = (name: string) => `machine.network.interfaces[].${name}`;
const vlanField = (name: string) => `machine.network.interfaces[].vlans[].${name}`;

const mtu = integer('an integer from 68 to 65535', 68, 65_535);
const addressWithPrefix = text('an address with its prefix length, such as 10.0.0.1/24 or 2001:db8::1/64', (value) => {
  const [address = '', prefix = '', ...rest] = value.split('/');
  const longest = address.includes(':') ? 128 : 32;
  return rest.length === 0 && isIpAddress(address) && /^(0|[1-9]\d{0,2})$/.test(prefix) && Number(prefix) <= longest;
});

const route = section({
  network: described(
    addressWithPrefix.optional(),
    'Where the route leads; default: everywhere.',
    field('routes[].network'),
  ),
  gateway: described(
    ipAddress.optional(),
    'The next hop; without it, the network is on the link.',
    field('routes[].gateway'),
  ),
  metric: described(
    unsigned(32).optional(),
    'Of two routes to one network, the lower metric wins.',
    field('routes[].metric'),
  ),
  mtu: described(mtu.optional(), 'The MTU of this route.', field('routes[].mtu')),
  source: described(
    ipAddress.optional(),
    'The source address of packets that take the route.',
    field('routes[].source'),
  ),
}).refine(({ network, gateway }) => network ?? gateway, { error: 'a network, a gateway, or both' });

const dhcpOptions = section({
  routeMetric: described(
    unsigned(32).optional(),
    'The metric of the routes that DHCP gives.',
    field('dhcpOptions.routeMetric'),
  ),
  ipv4: described(
    trueOrFalse.optional(),
    'Whether to ask for an IPv4 address; default: true.',
    field('dhcpOptions.ipv4'),
  ),
  ipv6: described(
    trueOrFalse.optional(),
    'Whether to ask for an IPv6 address; default: false.',
    field('dhcpOptions.ipv6'),
  ),
  duidv6: described(
    text('a DUID in hexadecimal', (value) => /^([0-9a-f]{2}:?)+$/i.test(value)).optional(),
    'The DUID of DHCPv6.',
    field('dhcpOptions.duidv6'),
  ),
});

const vip = section({ ip: described(ipAddress, 'The shared address.', field('vip.ip')) });

/** What a link and a VLAN on it have in common. */
const addressing = (at: (name: string) => string) => ({
  mtu: described(mtu.optional(), 'The MTU.', at('mtu')),
  dhcp: described(trueOrFalse.optional(), 'Whether DHCP gives the addresses; default: false.', at('dhcp')),
  dhcpOptions: described(dhcpOptions.optional(), 'Options of DHCP.', at('dhcpOptions')),
  addresses: described(
    z.array(addressWithPrefix, { error: 'a list of addresses with prefix lengths' }).optional(),
    'Static addresses, besides the one of the node.',
    at('addresses'),
  ),
  routes: described(
    z.array(route, { error: 'a list of routes' }).optional(),
    'Static routes over this link.',
    at('routes'),
  ),
  vip: described(
    vip.optional(),
    'An address that one control plane holds at a time, for the Kubernetes API.',
    at('vip'),
  ),
});

const vlanId = text('a VLAN id from 1 to 4094', (value) => /^[1-9]\d{0,3}$/.test(value) && Number(value) <= 4094);

const interfaceSchema = section({
  deviceSelector: described(
    deviceSelector.optional(),
    'The link by its properties; the name of this entry is then only a label.',
    field('deviceSelector'),
  ),
  bond: described(bondSchema.optional(), 'Makes the link a bond.', field('bond')),
  bridge: described(
    section({
      interfaces: described(
        z.array(linkName, { error: 'a list of links' }),
        'The links of the bridge, by name.',
        field('bridge.interfaces'),
      ),
      stp: described(
        section({
          enabled: described(trueOrFalse.optional(), 'Whether it takes part.', field('bridge.stp.enabled')),
        }).optional(),
        'The spanning tree protocol.',
        field('bridge.stp'),
      ),
      vlan: described(
        section({
          vlanFiltering: described(
            trueOrFalse.optional(),
            'Whether the bridge keeps VLANs apart.',
            field('bridge.vlan.vlanFiltering'),
          ),
        }).optional(),
        'VLANs inside the bridge.',
        field('bridge.vlan'),
      ),
    }).optional(),
    'Makes the link a bridge.',
    field('bridge'),
  ),
  dummy: described(trueOrFalse.optional(), 'Makes the link a dummy, which no hardware backs.', field('dummy')),
  ignore: described(trueOrFalse.optional(), 'Leaves the link alone.', field('ignore')),
  ...addressing(field),
  vlans: described(
    mapOf(vlanId, section(addressing(vlanField)), 'a map by VLAN id').optional(),
    'VLANs on this link, by their id.',
    field('vlans'),
  ),
});

const count = (description: string) => described(integer('an integer from 1 to 1024', 1, 1024).optional(), description);
const size = (description: string) =>
  described(integer('an integer from 1 to 65535', 1, 65_535).optional(), description);
const onOff = (description: string) => described(trueOrFalse.optional(), description);
const ethernetField = (name: string) => `EthernetConfig ${name}`;

/** What `ethtool` calls rings (-G), channels (-L) and features (-K); which of them exist depends on the driver. */
const ethernet = section({
  rings: described(
    section({
      rx: size('The receive ring.'),
      tx: size('The transmit ring.'),
      'rx-mini': size('The receive ring for small packets.'),
      'rx-jumbo': size('The receive ring for jumbo packets.'),
      'rx-buf-len': size('The size of a receive buffer in bytes.'),
      'cqe-size': size('The size of a completion queue event in bytes.'),
      'tx-push-buf-len': size('The size of the transmit push buffer in bytes.'),
      'tx-push': onOff('Whether descriptors are pushed to the device when transmitting.'),
      'rx-push': onOff('Whether descriptors are pushed to the device when receiving.'),
      'tcp-data-split': onOff('Whether headers and data of TCP are received into separate buffers.'),
    }).optional(),
    'Sizes of the ring buffers.',
    ethernetField('rings'),
  ),
  channels: described(
    section({
      rx: count('Receive queues.'),
      tx: count('Transmit queues.'),
      other: count('Queues for link interrupts and the like.'),
      combined: count('Queues that receive and transmit.'),
    }).optional(),
    'Numbers of queues.',
    ethernetField('channels'),
  ),
  features: described(
    mapOf(
      text('a feature such as rx-gro', (value) => /^[a-z0-9-]+$/.test(value)),
      trueOrFalse,
      'a map of features to true or false',
    ).optional(),
    'Offloads that are switched on or off.',
    ethernetField('features'),
  ),
}).refine(({ rings, channels, features }) => hasKeys({ ...rings, ...channels, ...features }), {
  error: 'at least one of rings, channels, features',
});

const interfaceKey = text('the name of a link, or with deviceSelector a label', (value) =>
  /^[A-Za-z][A-Za-z0-9_.-]{0,62}$/.test(value),
);

/** The network of a machine. Nothing in it is mandatory: a machine without it takes its address from DHCP. */
export const networkSchema = section({
  nameservers: described(
    z.array(ipAddress, { error: 'a list of IP addresses' }).optional(),
    'Name servers; default: what DHCP says, else 1.1.1.1 and 8.8.8.8.',
    'machine.network.nameservers',
  ),
  timeservers: described(
    z.array(host, { error: 'a list of hosts' }).optional(),
    'Time servers; default: time.cloudflare.com.',
    'machine.time.servers',
  ),
  searchDomains: described(
    z.array(domain, { error: 'a list of DNS names' }).optional(),
    'Domains in which short names are looked for.',
    'machine.network.searchDomains',
  ),
  nodeAddressOn: described(
    text('a link such as bond0, or bond0.2512 for a VLAN', (value) =>
      /^[A-Za-z][A-Za-z0-9_.-]{0,67}$/.test(value),
    ).optional(),
    "The link that gets the node's address; may be left out if there is no choice.",
    'machine.network.interfaces[].addresses',
  ),
  interfaces: described(
    mapOf(interfaceKey, interfaceSchema, 'a map of links by name').prefault({}),
    'Links by name; with deviceSelector the name is only a label.',
    'machine.network.interfaces',
  ),
  ethernet: described(
    mapOf(linkName, ethernet, 'a map of links by name').prefault({}),
    'Settings of the hardware, by link.',
    'EthernetConfig',
  ),
});

export type Network = z.infer<typeof networkSchema>;
export type NetworkInterface = Network['interfaces'][string];
export type Vlan = NonNullable<NetworkInterface['vlans']>[string];
export type Route = NonNullable<NetworkInterface['routes']>[number];
export type DeviceSelector = z.infer<typeof deviceSelector>;
