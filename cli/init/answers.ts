import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import * as z from 'zod';
import { type KeyPlace, placesIn } from '../../cluster/keyPath';
import { unwrapped } from '../../cluster/machine/partial';
import { isDnsLabel, isDnsName, isEmail } from '../../cluster/names';
import type { Problem } from '../../cluster/problems';
import { issueProblems } from '../../cluster/schemaProblems';
import {
  described,
  domain,
  ipAddress,
  list,
  nonEmpty,
  oneOf,
  section,
  text,
  trueOrFalse,
} from '../../cluster/schemaTypes';
import { type SettingKey, type SettingType, settingTypes } from '../../cluster/settingTypes';
import { isMap } from '../../gitops/kubernetesObject';
import { ManifestError } from '../../gitops/manifestError';
import { Sources } from '../../gitops/sources';
import { readTextFile } from '../../gitops/textFile';
import { readPlainYaml } from '../../gitops/yamlFile';
import { familyOf } from '../../net/addresses';

/** Text that a setting of that key accepts. */
const like = (key: SettingKey) => {
  const type = settingTypes[key] as SettingType<unknown>;
  return text(type.expected, (value) => type.read(value) !== undefined);
};

const settings = z
  .record(z.string(), z.string({ error: 'text in quotes' }), { error: 'a map of settings by their names' })
  .superRefine((values, context) => {
    for (const [key, value] of Object.entries(values)) {
      const type = Object.hasOwn(settingTypes, key)
        ? (settingTypes[key as SettingKey] as SettingType<unknown>)
        : undefined;
      const message = type === undefined ? 'the name of a setting in cluster/settingTypes.ts' : type.expected;
      if (type?.read(value) === undefined) context.addIssue({ code: 'custom', path: [key], message });
    }
  });

const mac = text('a MAC address such as 52:54:00:12:34:56, * allowed', (value) => /^[0-9a-f*:]{3,17}$/.test(value));
/** What the answers accept as the name of a link and as a disk, with what messages call them. */
export const linkName = [
  'the name of a link such as eno1',
  (value: string) => /^[A-Za-z][A-Za-z0-9_.-]{0,14}$/.test(value),
] as const;
export const diskPath = ['a device path under /dev', (value: string) => /^\/dev\/\S+$/.test(value)] as const;
const link = text(...linkName);
const disk = text(...diskPath);
const clusterName = text('a DNS label such as home', isDnsLabel);

/** What one machine or all machines of a cluster may say. */
const machine = {
  installDisk: described(disk.optional(), 'The disk that Talos is installed on. Talos wipes it.'),
  link: described(
    link.optional(),
    'The link that gets the address, by name; only where it is static or holds the virtual IP.',
  ),
  mac: described(mac.optional(), 'The same link by its MAC address; instead of `link`.'),
};

const node = section({
  name: described(text('a DNS label such as node-01', isDnsLabel), 'Its name.'),
  role: described(oneOf(['controlplane', 'worker'] as const).default('controlplane'), 'Its role.'),
  address: described(ipAddress, 'Its address.'),
  ...machine,
});

const network = section({
  nodes: described(like('NODE_CIDR'), 'The subnet of the machines (NODE_CIDR).'),
  pods: described(like('POD_CIDR').optional(), 'The range of pods; default: a free one.'),
  services: described(like('SERVICE_CIDR').optional(), 'The range of Services; default: a free one.'),
  nativeRouting: described(
    like('NATIVE_ROUTING_CIDR').optional(),
    'What is routed without masquerading; default: the ranges of all clusters.',
  ),
  addressing: described(
    oneOf(['dhcp', 'static'] as const).default('dhcp'),
    'Whether DHCP gives the machines their addresses (reserve them in the router), or Talos writes them.',
  ),
  gateway: described(ipAddress.optional(), 'The router; only with static addresses.'),
  nameservers: described(
    list(ipAddress, 'at least one IP address').optional(),
    'Name servers; default: what DHCP says.',
  ),
  timeservers: described(
    list(
      text('a host', (value) => familyOf(value) !== undefined || isDnsName(value)),
      'at least one host',
    ).optional(),
    "Time servers; default: Talos' own.",
  ),
});

const cluster = section({
  name: described(clusterName, 'Its name, which is also the name of its stack.'),
  nodes: described(list(node, 'at least one node'), 'Its machines.'),
  network: described(network, 'Its networks.'),
  api: described(
    section({
      name: described(like('K8S_API_HOST'), 'The DNS name of the Kubernetes API (K8S_API_HOST).'),
      virtualIp: described(ipAddress.optional(), 'An address that one control plane holds at a time.'),
    }),
    'The Kubernetes API.',
  ),
  installDisk: machine.installDisk,
  link: machine.link,
  mac: machine.mac,
  extensions: described(
    z.array(nonEmpty('an extension such as siderolabs/iscsi-tools'), { error: 'a list of extensions' }).optional(),
    "System extensions of Talos for the cluster's machines.",
  ),
  workloadsOnControlPlanes: described(
    trueOrFalse.optional(),
    'Whether control planes take workloads too; needed only if there are workers.',
  ),
  openebsVolume: described(
    section({
      match: described(
        nonEmpty("a CEL expression such as disk.dev_path == '/dev/nvme0n1'"),
        'The disk, as a CEL expression.',
      ),
      minSize: described(nonEmpty('a size such as 100GB'), 'The least size.'),
    }).optional(),
    'The user volume in which OpenEBS keeps local volumes; without it they are on the disk of Talos.',
  ),
  cephDisks: described(
    like('ROOK_CEPH_DEVICE_FILTER').optional(),
    'The disks that Ceph takes, as a regular expression for their names (ROOK_CEPH_DEVICE_FILTER).',
  ),
  loadBalancer: described(
    section({
      from: described(ipAddress, 'The first address of the pool.'),
      to: described(ipAddress, 'The last address of the pool.'),
      mesh: described(ipAddress.optional(), "The mesh's API server; default: the first of the pool."),
      internal: described(ipAddress.optional(), 'The internal gateway; default: the second of the pool.'),
      external: described(ipAddress.optional(), 'The external gateway; default: the third of the pool.'),
    }).optional(),
    'Addresses of Services outside the cluster; needed by the system load-balancer.',
  ),
  systems: described(
    z.union(
      [
        z.literal('all'),
        section({ without: list(nonEmpty('a system'), 'at least one system') }),
        list(nonEmpty('a system'), 'at least one system'),
      ],
      { error: 'all, {without: [...]} or a list of folders of kubernetes/systems' },
    ),
    'What it runs: folders of `kubernetes/systems`, `all`, or `without: [...]`.',
  ),
  settings: described(settings.optional(), 'Settings by their names; what a system asks for is answered here.'),
});

/** The answers of `npm run init`. */
export const answersSchema = section({
  git: described(
    section({
      url: described(like('GIT_URL'), 'The repository that Flux follows.'),
      branch: described(like('GIT_BRANCH').default('main'), 'The branch.'),
      credentials: described(
        section({
          item: described(nonEmpty('the title of a 1Password item'), 'The 1Password item with the credentials.'),
          kind: described(oneOf(['ssh', 'token'] as const), 'What they are.'),
        }).optional(),
        'How a private repository is read.',
      ),
    }),
    'The Git repository.',
  ),
  domain: described(domain.optional(), 'The public domain (SECRET_DOMAIN).'),
  privateDomain: described(domain.optional(), 'The domain of internal names, often a subdomain (PRIVATE_DOMAIN).'),
  email: described(text('an e-mail address', isEmail).optional(), "Let's Encrypt's contact (ACME_EMAIL)."),
  onePassword: described(
    section({
      host: described(like('ONEPASSWORD_CONNECT_HOST'), 'The URL of 1Password Connect.'),
      vault: described(like('ONEPASSWORD_VAULT'), 'The vault.'),
    }),
    '1Password.',
  ),
  cloudflare: described(
    section({
      account: described(nonEmpty('the name of the account'), 'The account of the domain.'),
      zoneOwner: described(
        clusterName.optional(),
        'The cluster that owns the settings of the zone; default: the first.',
      ),
    }).optional(),
    'Cloudflare; needed if a system reads one of its tokens.',
  ),
  settings: described(settings.optional(), 'Settings of every cluster, by their names.'),
  clusters: described(list(cluster, 'at least one cluster'), 'The clusters.'),
  remove: described(
    z.array(clusterName, { error: 'a list of clusters' }).default([]),
    'Clusters of this repository to delete: their stack files and their folders.',
  ),
});

export type Answers = z.infer<typeof answersSchema>;
export type AnswersInput = z.input<typeof answersSchema>;
export type ClusterAnswers = Answers['clusters'][number];

/** Answers, and where they are. */
export interface LocatedAnswers {
  answers: Answers;
  at: KeyPlace;
}

/** Checks answers. Returns them only without problems. */
export function parseAnswers(values: unknown, at: KeyPlace): { answers?: Answers; problems: Problem[] } {
  // An empty file lacks every answer.
  const { success, data, error } = answersSchema.safeParse(values ?? {});
  if (!success) return { problems: error.issues.flatMap((issue) => problemsOf(issue, values, at)) };
  const problems = [...nameProblems(data, at), ...linkProblems(data, at)];
  return problems.length === 0 ? { answers: data, problems } : { problems };
}

/** Reads an answers file. Throws a ManifestError if it cannot be read. */
export function readAnswers(path: string): { values: unknown; at: KeyPlace } {
  const [folder, file] = [dirname(path), basename(path)];
  if (!existsSync(path)) throw new ManifestError([`${file}: does not exist; without --answers, init asks`]);
  const values = readPlainYaml(folder, file);
  const sources = new Sources(() => readTextFile(path));
  const lineOf = (keys: readonly PropertyKey[]): number | undefined => {
    if (!isMap(values)) return undefined;
    return sources.documents(file)[0]?.lineOf(keys.map((key) => (typeof key === 'number' ? key : String(key))));
  };
  return { values, at: placesIn(file, lineOf) };
}

function problemsOf(issue: z.core.$ZodIssue, values: unknown, at: KeyPlace): Problem[] {
  if (issue.code !== 'unrecognized_keys') return issueProblems(at, values, issue);
  const expected = `one of ${keysAt(issue.path).join(', ')}`;
  return issue.keys.map((key) => ({
    where: at(...issue.path, key),
    found: 'an unknown key',
    expected,
    fix: 'remove it or correct the spelling',
  }));
}

/** The keys that the schema allows at a path. */
function keysAt(path: readonly PropertyKey[]): string[] {
  const below = path.reduce<z.ZodType | undefined>((schema, part) => {
    const inner = schema && unwrapped(schema);
    if (inner instanceof z.ZodArray) return inner.element as z.ZodType;
    return inner instanceof z.ZodObject ? (inner.shape[String(part)] as z.ZodType | undefined) : undefined;
  }, answersSchema);
  const inner = below && unwrapped(below);
  if (inner instanceof z.ZodUnion) return ['without'];
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

function nameProblems({ clusters, cloudflare, remove }: Answers, at: KeyPlace): Problem[] {
  const problems: Problem[] = [];
  const names = clusters.map(({ name }) => name);
  const twice = (where: string, name: string): Problem => ({
    where,
    found: JSON.stringify(name),
    expected: 'a name that no other has',
    fix: 'change one of them',
  });
  clusters.forEach(({ name, nodes }, index) => {
    if (names.indexOf(name) < index) problems.push(twice(at('clusters', index, 'name'), name));
    nodes.forEach((one, place) => {
      if (nodes.findIndex((other) => other.name === one.name) === place) return;
      problems.push(twice(at('clusters', index, 'nodes', place, 'name'), one.name));
    });
  });
  remove.forEach((name, index) => {
    if (!names.includes(name)) return;
    const expected = 'a cluster that the answers do not describe';
    problems.push({ where: at('remove', index), found: JSON.stringify(name), expected, fix: 'remove one of the two' });
  });
  if (cloudflare?.zoneOwner !== undefined && !names.includes(cloudflare.zoneOwner)) {
    const found = JSON.stringify(cloudflare.zoneOwner);
    const expected = `one of ${names.join(', ')}`;
    problems.push({ where: at('cloudflare', 'zoneOwner'), found, expected, fix: 'correct it' });
  }
  return problems;
}

/** What a static address or a virtual IP needs to know of the link. */
function linkProblems({ clusters }: Answers, at: KeyPlace): Problem[] {
  return clusters.flatMap((one, index) => {
    const problems: Problem[] = [];
    const isStatic = one.network.addressing === 'static';
    if (isStatic && one.network.gateway === undefined) {
      const where = at('clusters', index, 'network', 'gateway');
      problems.push({
        where,
        found: 'nothing',
        expected: 'an IP address, because the addresses are static',
        fix: 'add it',
      });
    }
    one.nodes.forEach((machineNode, place) => {
      const [own, common] = [
        [machineNode.link, machineNode.mac],
        [one.link, one.mac],
      ];
      const holdsVirtualIp = one.api.virtualIp !== undefined && machineNode.role === 'controlplane';
      if (!isStatic && !holdsVirtualIp) return;
      if ([...own, ...common].some((value) => value !== undefined)) return;
      problems.push({
        where: at('clusters', index, 'nodes', place),
        found: 'nothing',
        expected: `a link or a mac, because ${isStatic ? 'the addresses are static' : 'it can hold the virtual IP'}`,
        fix: 'add it here, or to the cluster for all of its machines',
      });
    });
    return problems;
  });
}
