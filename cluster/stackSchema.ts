import * as z from 'zod';
import { textFault } from '../gitops/plainText';
import { isIpAddress } from '../net/addresses';
import { parseHostPort } from './dialOverrides';
import { machineSchema, type MachineSettings } from './machine/machineSchema';
import { partial } from './machine/partial';
import { imageFactorySchema, schematicsSchema } from './machine/schematicSchema';
import { isDnsLabel, isDnsName, isEmail } from './names';
import { rolloutSchema } from './rolloutSchema';
import {
  described,
  domain,
  integer,
  ipAddress,
  list,
  nonEmpty,
  oneOf,
  section,
  text,
  trueOrFalse,
} from './schemaTypes';

/**
 * Excludes `staged_if_needing_reboot`, which dials the nodes in every preview, and `reboot`, which reboots for nothing and is
 * gone from newer Talos.
 */
export const applyModes = ['auto', 'no_reboot', 'staged'] as const;
export type ApplyMode = (typeof applyModes)[number];

/** What one level says about machines; null removes what a lower level says. */
const level = partial(machineSchema) as z.ZodObject;

const node = section({
  name: described(
    text('a DNS label such as node-01', isDnsLabel),
    'The name of the machine and of its Kubernetes node.',
  ),
  role: described(
    oneOf(['controlplane', 'worker'] as const),
    'Whether it runs etcd and the Kubernetes API.',
    'machine.type',
  ),
  address: described(ipAddress, 'Its address in NODE_CIDR, IPv4 or IPv6.', 'machine.network.interfaces[].addresses'),
  leaving: described(
    trueOrFalse.default(false),
    'Whether the node leaves the cluster; delete its entry after the `up` that empties it.',
  ),
});

/** A node with what its own level says. */
const nodeLevel = section({ ...node.shape, ...level.shape });

const seconds = integer('seconds from 10 to 7200', 10, 7200);

/** How long the program's own waits may take, in seconds. */
const timeouts = section({
  etcd: described(seconds.default(1200), 'Until etcd is bootstrapped.'),
  crds: described(seconds.default(600), 'Until the API server serves the CRDs.'),
  handover: described(seconds.default(1200), 'Until Flux has reconciled what the handover waits for.'),
});

const email = text('an e-mail address', isEmail);

/** Who may access which hosts through the tunnel. Without this section, Cloudflare authenticates no one. */
const access = section({
  hosts: described(
    list(
      text('a DNS label under the public domain, or *', (value) => value === '*' || isDnsLabel(value)),
      'at least one host',
    ),
    'The hosts that are protected.',
  ),
  emails: described(z.array(email, { error: 'a list of e-mail addresses' }).default([]), 'Who is allowed in.'),
  emailDomains: described(
    z.array(domain, { error: 'a list of domains' }).default([]),
    'Domains of which every e-mail address is allowed in.',
  ),
}).refine((value) => value.emails.length + value.emailDomains.length > 0, {
  error: 'at least one of emails, emailDomains, because otherwise no one is allowed in',
});

const cloudflare = section({
  account: described(nonEmpty('the name of the account'), 'The account of the zone SECRET_DOMAIN.'),
  ownsZone: described(
    trueOrFalse,
    'Whether this stack owns the settings of the zone and the hostname external.<domain>; exactly one stack does.',
  ),
  access: described(access.optional(), 'Who may access which hosts through the tunnel; default: everyone.'),
});

const gitCredentials = section({
  item: described(
    text('the title of a 1Password item such as kubernetes/<cluster>/git', (value) =>
      /^[^/\s]+(\/[^/\s]+)+$/.test(value),
    ),
    'The 1Password item with the credentials.',
  ),
  kind: described(
    oneOf(['ssh', 'token'] as const),
    'A deploy key for an ssh:// URL (fields identity, known_hosts), or a token for an https:// URL (password or bearerToken).',
  ),
});

/** Labels sort as text: a later date, or a higher number on the same date, requests a newer secret. */
const rotation = text('a date such as 2026-01-31, or 2026-01-31.2', (value) =>
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(\.[2-9])?$/.test(value),
).optional();

/** The next `up` regenerates generated secrets that are older than the date given here. */
const rotations = section({
  ciliumCa: described(rotation, "Cilium's certificate authority."),
  observabilityCa: described(rotation, 'The certificate authority of what clusters send to the one that stores.'),
  servicesCa: described(rotation, 'The certificate authority of databases, caches and brokers.'),
  tunnel: described(rotation, 'The secret of the tunnel.'),
  cloudflareTokens: described(rotation, 'The API tokens in the cluster.'),
});

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
  nodes: described(list(nodeLevel, 'at least one node'), 'The machines, each with what only it has.'),
  machines: described(level.prefault({}), 'What every machine has.'),
  controlPlane: described(level.prefault({}), 'What control planes have.'),
  worker: described(level.prefault({}), 'What workers have.'),
  schematics: described(schematicsSchema, 'Images of Talos by name.'),
  imageFactory: described(imageFactorySchema.prefault({}), 'Where the images come from.'),
  allowSchedulingOnControlPlanes: described(
    trueOrFalse.optional(),
    'Whether control planes take workloads; required as soon as there is a worker, without workers true.',
    'cluster.allowSchedulingOnControlPlanes',
  ),
  talosConfigVersion: described(
    text('a version such as v1.11', (value) => /^v1\.\d{1,2}$/.test(value)).optional(),
    'The format of machine configurations; default: that of the Talos version with which the cluster was made.',
  ),
  apiEndpoint: described(
    oneOf(['loadBalancer'] as const).optional(),
    'Says that a load balancer of another owner serves K8S_API_HOST.',
  ),
  rollout: described(rolloutSchema.prefault({}), 'How a change goes from machine to machine.'),
  applyMode: described(oneOf(applyModes).default('auto'), 'How Talos applies a changed machine configuration.'),
  timeouts: described(timeouts.prefault({}), "How long the program's own waits may take, in seconds."),
  cloudflare: described(
    cloudflare.optional(),
    'The tunnel and the zone of the public domain; without it the program needs no Cloudflare account.',
  ),
  platform: described(
    text('a DNS label of at most 30 characters', (value) => value.length <= 30 && isDnsLabel(value)).optional(),
    "What names in the Cloudflare account start with, for a second platform in one account; default: the project's name.",
  ),
  gitCredentials: described(
    gitCredentials.optional(),
    'How a private repository is read; without it, GIT_URL is public.',
  ),
  rotations: described(rotations.prefault({}), 'Secrets that are made again, by date.'),
  bootstrapEtcdAgain: described(
    rotation,
    'Bootstraps an empty etcd, once for a date, although the cluster has lost the one that it had. Its objects are gone.',
  ),
  dialOverrides: described(dialOverrides.prefault({}), 'Addresses to dial instead of others.'),
});

export type StackConfig = z.infer<typeof stackSchema>;
/** A machine with everything that any level says about it. */
export type Node = z.infer<typeof node> & MachineSettings;
export type Timeouts = StackConfig['timeouts'];
export type CloudflareConfig = NonNullable<StackConfig['cloudflare']>;
export type GitCredentialsConfig = StackConfig['gitCredentials'];
export type Rotations = StackConfig['rotations'];
