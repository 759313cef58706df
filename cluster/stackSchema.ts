import * as z from 'zod';
import { textFault } from '../gitops/plainText';
import { addressNumber, isIpAddress } from '../net/addresses';
import { parseSizeCondition } from './diskSize';
import { parseHostPort } from './dialOverrides';
import { isDnsLabel, isDnsName, isEmail } from './names';

/** Excludes `staged_if_needing_reboot`, which dials the nodes in every preview. */
export const applyModes = ['auto', 'no_reboot', 'reboot', 'staged'] as const;
export type ApplyMode = (typeof applyModes)[number];

// Every message completes "expected …" of a problem; see parseStackConfig.

const text = (expected: string, test: (value: string) => boolean) =>
  z.string({ error: expected }).superRefine((value, context) => {
    const message = textFault(value) ?? (test(value) ? undefined : expected);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });
const integer = (expected: string, min: number, max: number) =>
  z.int({ error: expected }).min(min, { error: expected }).max(max, { error: expected });
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
const nonEmpty = (what: string) => text(what, (value) => value.trim() !== '');
const mtu = integer('an integer from 1280 to 9216', 1280, 9216);

const node = section({
  name: text('a DNS label such as node-01', isDnsLabel),
  role: oneOf(['controlplane', 'worker'] as const),
  address: ipv4,
});

const macAddress = text('a lower-case MAC address, * allowed', (value) => /^[0-9a-f*?:]+$/.test(value)).optional();

/** Talos matches a link that meets every condition. See `linkChecks.ts` for conditions that match too much. */
const deviceSelector = section({
  hardwareAddr: macAddress,
  permanentAddr: macAddress,
  driver: nonEmpty('a kernel driver name').optional(),
  busPath: nonEmpty('a bus path, * allowed').optional(),
  physical: z.literal(true, { error: 'true, which selects physical links only' }).optional(),
});

const ringSize = integer('an integer from 64 to 65535', 64, 65535);
const channelCount = integer('an integer from 1 to 1024', 1, 1024).optional();
const hasKeys = (value: object) => Object.keys(value).length > 0;

/** What `ethtool` calls rings (-G), channels (-L) and features (-K); which of them exist depends on the driver. */
const ethernet = section({
  name: text('an interface name of at most 15 characters', (value) => /^[a-z][a-z0-9.-]{0,14}$/.test(value)),
  rings: section({ rx: ringSize, tx: ringSize }).optional(),
  channels: section({ rx: channelCount, tx: channelCount, other: channelCount, combined: channelCount })
    .refine(hasKeys, { error: 'at least one of rx, tx, other, combined' })
    .optional(),
  features: z
    .record(
      text('a feature such as rx-gro', (value) => /^[a-z0-9-]+$/.test(value)),
      z.boolean({ error: 'true or false' }),
      { error: 'a map of features to true or false' },
    )
    .refine(hasKeys, { error: 'at least one feature' })
    .optional(),
}).refine(({ rings, channels, features }) => rings ?? channels ?? features, {
  error: 'at least one of rings, channels, features',
});

const network = section({
  gateway: ipv4,
  nameservers: list(ipAddress, 'at least one IP address'),
  timeservers: list(host, 'at least one host'),
  mtu,
  bond: section({
    interface: text('an interface name of at most 15 characters', (value) => /^[a-z][a-z0-9.-]{0,14}$/.test(value)),
    deviceSelectors: list(
      deviceSelector.refine(hasKeys, {
        error: 'at least one of hardwareAddr, permanentAddr, driver, busPath, physical',
      }),
      'at least one device selector',
    ),
    mode: oneOf(['802.3ad', 'active-backup', 'balance-alb', 'balance-tlb', 'balance-xor'] as const),
    xmitHashPolicy: oneOf(['layer2', 'layer2+3', 'layer3+4', 'encap2+3', 'encap3+4'] as const).optional(),
    lacpRate: oneOf(['fast', 'slow'] as const).optional(),
    miimon: integer('milliseconds from 1 to 10000', 1, 10_000),
  }),
  vlan: section({
    id: integer('a VLAN id from 1 to 4094', 1, 4094),
    mtu,
    routeMetric: integer('an integer from 1 to 4294967295', 1, 2 ** 32 - 1),
  }),
  ethernet: z.array(ethernet, { error: 'a list of links' }),
});

const diskProperty = (what: string) => nonEmpty(what).optional();

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
  installDisk: text(
    'a device path under /dev',
    (value) => /^\/dev\/\S+$/.test(value) && !value.split('/').includes('..'),
  ).optional(),
  installDiskSelector: section({
    size: text(
      "a size such as '>= 400GB', optionally with <=, >=, ==, < or > before it",
      (value) => parseSizeCondition(value) !== undefined,
    ).optional(),
    model: diskProperty('a model, * allowed'),
    serial: diskProperty('a serial number, * allowed'),
    wwid: diskProperty('a WWID, * allowed'),
    busPath: diskProperty('a bus path, * allowed'),
    type: oneOf(['hdd', 'nvme', 'sd', 'ssd'] as const).optional(),
  })
    .refine(hasKeys, {
      error: 'at least one of size, model, serial, wwid, busPath, type',
    })
    .optional(),
});

const seconds = integer('seconds from 10 to 7200', 10, 7200);

/** How long the program's own waits may take, in seconds. */
const timeouts = section({
  etcd: seconds.default(1200),
  crds: seconds.default(600),
  handover: seconds.default(1200),
});

const trueOrFalse = z.boolean({ error: 'true or false' });
const domain = text('a DNS name', isDnsName);
const email = text('an e-mail address', isEmail);

/** Who may access which hosts through the tunnel. Without this section, Cloudflare authenticates no one. */
const access = section({
  hosts: list(
    text('a DNS label under the public domain, or *', (value) => value === '*' || isDnsLabel(value)),
    'at least one host',
  ),
  emails: z.array(email, { error: 'a list of e-mail addresses' }).default([]),
  emailDomains: z.array(domain, { error: 'a list of domains' }).default([]),
}).refine((value) => value.emails.length + value.emailDomains.length > 0, {
  error: 'at least one of emails, emailDomains, because otherwise no one is allowed in',
});

const cloudflare = section({
  account: nonEmpty('the name of the account'),
  ownsZone: trueOrFalse,
  access: access.optional(),
});

/** Labels sort as text: a later date, or a higher number on the same date, requests a newer secret. */
const rotation = text('a date such as 2026-01-31, or 2026-01-31.2', (value) =>
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(\.[2-9])?$/.test(value),
).optional();

/** The next `up` regenerates generated secrets that are older than the date given here. */
const rotations = section({ ciliumCa: rotation, tunnel: rotation, cloudflareTokens: rotation });

const isHost = (value: string) => isIpAddress(value) || isDnsName(value);
const isHostPort = (value: string) => isHost(parseHostPort(value)?.host ?? '');

/** See {@link DialOverrides}. The override of a whole host must be an IP address: TLS then verifies the node. */
const dialOverrides = z
  .record(z.string(), z.string({ error: 'an IP address or host:port' }), { error: 'a map of addresses to dial' })
  .superRefine((overrides, context) => {
    for (const [from, to] of Object.entries(overrides)) {
      const message =
        textFault(from) ??
        textFault(to) ??
        (isHost(from)
          ? isIpAddress(to)
            ? undefined
            : 'an IP address, because its key has no port'
          : !isHostPort(from)
            ? 'a key of the form host or host:port'
            : isHostPort(to)
              ? undefined
              : 'host:port, because its key has a port');
      if (message !== undefined) context.addIssue({ code: 'custom', path: [from], message });
    }
  });

/** A stack's configuration without its secrets. Unknown keys are rejected at every level. */
export const stackSchema = section({
  nodes: list(node, 'at least one node'),
  network,
  image,
  applyMode: oneOf(applyModes),
  timeouts: timeouts.prefault({}),
  cloudflare,
  rotations: rotations.prefault({}),
  dialOverrides: dialOverrides.prefault({}),
});

export type StackConfig = z.infer<typeof stackSchema>;
export type Node = StackConfig['nodes'][number];
export type Network = StackConfig['network'];
export type Image = StackConfig['image'];
export type Timeouts = StackConfig['timeouts'];
export type CloudflareConfig = StackConfig['cloudflare'];
export type Rotations = StackConfig['rotations'];
