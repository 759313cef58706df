import { type AddressRange, addressNumber, canonicalCidr, cidrRange, poolRange } from '../net/addresses';
import { placeText } from './keyPath';
import { isDnsLabel, isDnsName } from './names';
import { type Problem, show } from './problems';

/** A cluster's settings as read from Git. */
export interface SettingsSource {
  /** Path of the file, relative to the repository root. */
  file: string;
  values: Readonly<Record<string, string>>;
  /** The 1-based line of a key. */
  line(key: string): number | undefined;
}

/** A parsed setting, with everything a message says about it. */
export interface Located<T> {
  value: T;
  /** How messages refer to it: its key, or `the pool`. */
  label: string;
  /** Where it is defined: `<file>:<line> <KEY>`. */
  place: string;
}

interface RequiredValues {
  name: string;
  id: number;
  nodeCidr: AddressRange;
  podCidr: AddressRange;
  serviceCidr: AddressRange;
  nativeRoutingCidr: AddressRange;
  apiHost: string;
  talosVersion: string;
  kubernetesVersion: string;
  poolStart: string;
  poolEnd: string;
  l2Announcements: boolean;
  bgpLocalAsn: number;
  bgpPeerAsn: number;
  corednsClusterIp: string;
  connectHost: string;
  connectVault: string;
  connectTokenSecret: string;
  domain: string;
  tsigItem: string;
  openebsBasePath: string;
  gitUrl: string;
  gitBranch: string;
}

/** Settings that the program checks if they are set. It reads no other optional setting. */
const optionalKeys = {
  clusterMeshIp: 'CLUSTERMESH_IP',
  gatewayIp: 'CILIUM_GATEWAY_LB_IP',
  externalGatewayIp: 'CILIUM_GATEWAY_EXTERNAL_LB_IP',
  cephDeviceFilter: 'ROOK_CEPH_DEVICE_FILTER',
} as const;

type OptionalSettings = { [K in keyof typeof optionalKeys]?: Located<string> };

/** The settings that the program requires. Manifests use more, which the program ignores. */
export type RequiredSettings = { [K in keyof RequiredValues]: Located<RequiredValues[K]> };

/** The settings of a cluster. Missing and invalid ones are absent; optional ones are not validated. */
export interface Settings extends Partial<RequiredSettings>, OptionalSettings {
  /** The load balancer pool, defined at its start; absent if it ends before it starts. */
  pool?: Located<AddressRange>;
}

interface Rule<T> {
  key: string;
  /** Completes "expected …". */
  expected: string;
  /** The value, or undefined if the text is invalid. */
  read(text: string): T | undefined;
}

const when = (test: (text: string) => boolean) => (text: string) => (test(text) ? text : undefined);
const integer = (min: number, max: number) => (text: string) => {
  const number = /^(0|[1-9]\d*)$/.test(text) ? Number(text) : Number.NaN;
  return number >= min && number <= max ? number : undefined;
};
const cidr = (key: string): Rule<AddressRange> => ({
  key,
  expected: 'an IPv4 CIDR such as 10.0.0.0/16',
  read: cidrRange,
});
const ipv4 = (key: string): Rule<string> => ({
  key,
  expected: 'an IPv4 address',
  read: when((text) => addressNumber(text) !== undefined),
});
const version = (key: string): Rule<string> => ({
  key,
  expected: 'a version such as v1.2.3',
  read: when((text) => /^v\d+\.\d+\.\d+$/.test(text)),
});

// 23456 and 65535 are reserved (RFC 7607, RFC 7300), and so is the last 32-bit number.
const reservedAsns = [23456, 65535];
const asn = (key: string): Rule<number> => ({
  key,
  expected: 'an AS number from 1 to 4294967294 that is not reserved (23456, 65535)',
  read: (text) => {
    const number = integer(1, 2 ** 32 - 2)(text);
    return number !== undefined && reservedAsns.includes(number) ? undefined : number;
  },
});
const nonEmpty = (key: string, expected: string): Rule<string> => ({
  key,
  expected,
  read: when((text) => text.trim() !== ''),
});
const httpsUrl = (key: string): Rule<string> => ({
  key,
  expected: 'an https:// URL',
  read: when((text) => URL.canParse(text) && text.startsWith('https://')),
});

const rules: { [K in keyof RequiredValues]: Rule<RequiredValues[K]> } = {
  name: { key: 'CLUSTER', expected: 'a DNS label', read: when(isDnsLabel) },
  id: { key: 'CLUSTER_ID', expected: 'an integer from 1 to 255', read: integer(1, 255) },
  nodeCidr: cidr('NODE_CIDR'),
  podCidr: cidr('POD_CIDR'),
  serviceCidr: cidr('SERVICE_CIDR'),
  nativeRoutingCidr: cidr('NATIVE_ROUTING_CIDR'),
  apiHost: { key: 'K8S_API_HOST', expected: 'a DNS name', read: when(isDnsName) },
  talosVersion: version('TALOS_VERSION'),
  kubernetesVersion: version('KUBERNETES_VERSION'),
  poolStart: ipv4('CILIUM_LB_POOL_START'),
  poolEnd: ipv4('CILIUM_LB_POOL_END'),
  l2Announcements: {
    key: 'CILIUM_L2_ANNOUNCEMENTS',
    expected: '"true" or "false"',
    read: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  },
  bgpLocalAsn: asn('CILIUM_BGP_LOCAL_ASN'),
  bgpPeerAsn: asn('CILIUM_BGP_PEER_ASN'),
  corednsClusterIp: ipv4('COREDNS_CLUSTER_IP'),
  connectHost: httpsUrl('ONEPASSWORD_CONNECT_HOST'),
  connectVault: nonEmpty('ONEPASSWORD_VAULT', 'the name of a 1Password vault'),
  connectTokenSecret: {
    key: 'ONEPASSWORD_CONNECT_TOKEN_SECRET',
    expected: 'the name of a Secret',
    read: when(isDnsLabel),
  },
  domain: { key: 'SECRET_DOMAIN', expected: 'a DNS name', read: when(isDnsName) },
  tsigItem: {
    key: 'BIND_TSIG_SECRET_PATH',
    expected: 'the title of a 1Password item such as kubernetes/<cluster>/<app>',
    read: when((text) => /^kubernetes(\/[a-z0-9-]+){2,}$/.test(text)),
  },
  openebsBasePath: {
    key: 'OPENEBS_BASEPATH',
    expected: 'a path under /var/mnt, which is writable on Talos',
    read: when((text) => /^\/var\/mnt(\/[A-Za-z0-9._-]+)+$/.test(text) && !text.includes('/..')),
  },
  gitUrl: httpsUrl('GIT_URL'),
  gitBranch: nonEmpty('GIT_BRANCH', 'the name of a branch'),
};

/** The key of every required setting. */
export const settingKeys = Object.fromEntries(
  Object.entries(rules).map(([setting, { key }]) => [setting, key]),
) as Readonly<Record<keyof RequiredSettings, string>>;

/** Parses a cluster's settings. Invalid settings are left out and reported. */
export function parseSettings(source: SettingsSource): { settings: Settings; problems: Problem[] } {
  const problems: Problem[] = [];
  const read: Record<string, Located<unknown>> = {};
  for (const [setting, rule] of Object.entries<Rule<unknown>>(rules)) {
    const text = source.values[rule.key];
    const place = placeOf(source, rule.key);
    const value = text === undefined ? undefined : rule.read(text);
    if (value !== undefined) {
      read[setting] = { value, label: rule.key, place };
      continue;
    }
    const network = text !== undefined && setting.endsWith('Cidr') ? canonicalCidr(text) : undefined;
    problems.push({
      where: place,
      found: show(text),
      expected: network === undefined ? rule.expected : 'a network address without host bits',
      fix: text === undefined ? 'add it' : network === undefined ? 'correct it' : `write ${network}`,
    });
  }
  for (const [setting, key] of Object.entries(optionalKeys)) {
    const value = source.values[key];
    if (value !== undefined) read[setting] = { value, label: key, place: placeOf(source, key) };
  }
  const settings = read as Settings;
  const { poolStart, poolEnd } = settings;
  const pool = poolRange(poolStart?.value ?? '', poolEnd?.value ?? '');
  if (poolStart !== undefined && pool !== undefined) {
    settings.pool = { value: pool, label: 'the pool', place: poolStart.place };
  }
  return { settings, problems };
}

function placeOf(source: SettingsSource, key: string): string {
  const line = source.values[key] === undefined ? undefined : source.line(key);
  return placeText(source.file, line, key);
}
