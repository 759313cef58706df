import { z } from 'zod';
import { addressNumber, isIpAddress } from '../net/addresses';
import { isDnsLabel, isDnsName } from './names';

/** `staged_if_needing_reboot` is missing on purpose: it dials the nodes in every preview. */
export const applyModes = ['auto', 'no_reboot', 'reboot', 'staged'] as const;
export type ApplyMode = (typeof applyModes)[number];

// Every message completes "expected …": problems are made from them in parseStackConfig.

const text = (expected: string, test: (value: string) => boolean) =>
  z.string({ error: expected }).refine(test, { error: expected });
const whole = (expected: string, least: number, most: number) =>
  z.int({ error: expected }).min(least, { error: expected }).max(most, { error: expected });
const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `one of ${values.join(', ')}` });
const list = <T extends z.ZodType>(element: T, expected: string) =>
  z.array(element, { error: expected }).min(1, { error: expected });
const section = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? undefined : `an object with ${Object.keys(shape).join(', ')}`,
  });

const ipv4 = text('an IPv4 address', (value) => addressNumber(value) !== undefined);
const ipAddress = text('an IP address, not a name', isIpAddress);
const host = text('an IP address or a DNS name', (value) => isIpAddress(value) || isDnsName(value));
const filled = (what: string) => text(what, (value) => value.trim() !== '');
const bytes = (least: number) => whole(`a whole number from ${least} to 9216`, least, 9216);

const node = section({
  name: text('a DNS label such as node-01', isDnsLabel),
  role: oneOf(['controlplane', 'worker'] as const),
  address: ipv4,
  endpoint: ipAddress.optional(),
});

const deviceSelector = section({
  hardwareAddr: text('a MAC address in lower case, * allowed', (value) => /^[0-9a-f*?:]+$/.test(value)).optional(),
  driver: filled('a kernel driver name').optional(),
  busPath: filled('a bus path, * allowed').optional(),
});

const rings = whole('a whole number from 64 to 65535', 64, 65535);

const network = section({
  gateway: ipv4,
  nameservers: list(ipAddress, 'at least one IP address'),
  timeservers: list(host, 'at least one host'),
  mtu: bytes(1280),
  bond: section({
    interface: text('an interface name of at most 15 characters', (value) => /^[a-z][a-z0-9.-]{0,14}$/.test(value)),
    deviceSelectors: list(
      deviceSelector.refine((value) => Object.keys(value).length > 0, {
        error: 'at least one of hardwareAddr, driver, busPath',
      }),
      'at least one device selector',
    ),
    mode: oneOf(['802.3ad', 'active-backup', 'balance-alb', 'balance-tlb', 'balance-xor'] as const),
    xmitHashPolicy: oneOf(['layer2', 'layer2+3', 'layer3+4', 'encap2+3', 'encap3+4'] as const),
    lacpRate: oneOf(['fast', 'slow'] as const),
    miimon: whole('milliseconds from 1 to 10000', 1, 10_000),
  }),
  vlan: section({
    id: whole('a VLAN id from 1 to 4094', 1, 4094),
    mtu: bytes(1280),
    routeMetric: whole('a whole number from 1 to 4294967295', 1, 2 ** 32 - 1),
  }),
  ethernet: z.array(
    section({
      name: text('an interface name of at most 15 characters', (value) => /^[a-z][a-z0-9.-]{0,14}$/.test(value)),
      rings: section({ rx: rings, tx: rings }),
    }),
    { error: 'a list of links' },
  ),
});

const diskFact = (what: string) => filled(what).optional();

const image = section({
  schematic: section({
    kernelArgs: z.array(
      text('a kernel argument without spaces', (value) => /^\S+$/.test(value)),
      {
        error: 'a list of kernel arguments',
      },
    ),
    extensions: z.array(
      text('an official extension such as siderolabs/iscsi-tools', (value) => /^siderolabs\/[a-z0-9-]+$/.test(value)),
      { error: 'a list of official extensions' },
    ),
  }),
  installDisk: text('a device path below /dev', (value) => /^\/dev\/\S+$/.test(value)).optional(),
  installDiskSelector: section({
    size: diskFact("a size such as '>= 400GB'"),
    model: diskFact('a model, * allowed'),
    serial: diskFact('a serial number, * allowed'),
    wwid: diskFact('a WWID, * allowed'),
    busPath: diskFact('a bus path, * allowed'),
    type: oneOf(['hdd', 'nvme', 'sd', 'ssd'] as const).optional(),
  })
    .refine((value) => Object.keys(value).length > 0, {
      error: 'at least one of size, model, serial, wwid, busPath, type',
    })
    .optional(),
});

const seconds = whole('seconds from 10 to 7200', 10, 7200);

/** How long the program waits, in seconds, where it waits by itself. */
const timeouts = section({
  etcd: seconds.default(1200),
  crds: seconds.default(600),
  handover: seconds.default(1200),
});

const trueOrFalse = z.boolean({ error: 'true or false' });
const domain = text('a DNS name', isDnsName);
const email = text(
  'an e-mail address',
  (value) => /^[^@\s]+@[^@\s]+$/.test(value) && isDnsName(value.split('@')[1] ?? ''),
);

/** Who may see which hosts through the tunnel; without it Cloudflare asks nobody who they are. */
const access = section({
  hosts: list(
    text('a DNS label below the public domain, or *', (value) => value === '*' || isDnsLabel(value)),
    'at least one host',
  ),
  emails: z.array(email, { error: 'a list of e-mail addresses' }).default([]),
  emailDomains: z.array(domain, { error: 'a list of domains' }).default([]),
}).refine((value) => value.emails.length + value.emailDomains.length > 0, {
  error: 'at least one of emails, emailDomains, or nobody is let in',
});

const cloudflare = section({
  account: filled("the account's name"),
  ownsZone: trueOrFalse,
  access: access.optional(),
});

/** Labels sort as text: a later day, or a higher number on that day, asks for a newer secret. */
const rotation = text('a day such as 2026-01-31, or 2026-01-31.2', (value) =>
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(\.[2-9])?$/.test(value),
).optional();

/** Generated secrets that were made before the day given here are made anew by the next `up`. */
const rotations = section({ ciliumCa: rotation, tunnel: rotation, cloudflareTokens: rotation });

const hostPort = 'host:port';
const isHostPort = (value: string) => {
  const [, name = '', port] = /^(.+):(\d{1,5})$/.exec(value) ?? [];
  return (isIpAddress(name) || isDnsName(name)) && Number(port) >= 1 && Number(port) <= 65535;
};

/** Where `preflight` dials instead of where it would, for those who reach the network through a bastion. */
const detours = z
  .record(z.string(), text(hostPort, isHostPort), { error: 'host:port to host:port' })
  .refine((value) => Object.keys(value).every(isHostPort), { error: 'keys of the form host:port' });

/** A stack's configuration without its secrets; unknown keys are refused at every level. */
export const stackSchema = section({
  nodes: list(node, 'at least one node'),
  network,
  image,
  applyMode: oneOf(applyModes),
  timeouts: timeouts.prefault({}),
  cloudflare,
  rotations: rotations.prefault({}),
  detours: detours.prefault({}),
});

export type StackConfig = z.infer<typeof stackSchema>;
export type Node = StackConfig['nodes'][number];
export type Network = StackConfig['network'];
export type Image = StackConfig['image'];
export type Timeouts = StackConfig['timeouts'];
export type CloudflareConfig = StackConfig['cloudflare'];
export type Rotations = StackConfig['rotations'];
export type Detours = StackConfig['detours'];
