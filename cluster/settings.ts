import { addressNumber, canonicalCidr } from '../net/addresses';
import { isDnsLabel, isDnsName } from './names';
import { type Problem, show } from './problems';

/** A cluster's settings as Git has them. */
export interface SettingsSource {
  /** Path of the file from the repository's root. */
  file: string;
  values: Readonly<Record<string, string>>;
  /** The line of a key, from 1. */
  line(key: string): number | undefined;
}

/** The settings that the program uses; the manifests use more, which it does not look at. */
export interface Settings {
  name: string;
  id: number;
  nodeCidr: string;
  podCidr: string;
  serviceCidr: string;
  nativeRoutingCidr: string;
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

interface Rule<T> {
  key: string;
  /** Completes "expected …". */
  expected: string;
  /** The value, or nothing if the text is wrong. */
  read(text: string): T | undefined;
}

const when = (test: (text: string) => boolean) => (text: string) => (test(text) ? text : undefined);
const whole = (least: number, most: number) => (text: string) => {
  const number = /^(0|[1-9]\d*)$/.test(text) ? Number(text) : Number.NaN;
  return number >= least && number <= most ? number : undefined;
};
const cidr = (key: string): Rule<string> => ({
  key,
  expected: 'an IPv4 CIDR such as 10.0.0.0/16',
  read: when((text) => canonicalCidr(text) === text),
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

// 23456 and 65535 are reserved (RFC 7607, RFC 7300), as is the last of the 32-bit numbers.
const reservedAsns = [23456, 65535];
const asn = (key: string): Rule<number> => ({
  key,
  expected: 'an AS number from 1 to 4294967294 that is not reserved (23456, 65535)',
  read: (text) => {
    const number = whole(1, 2 ** 32 - 2)(text);
    return number !== undefined && reservedAsns.includes(number) ? undefined : number;
  },
});
const filled = (key: string, expected: string): Rule<string> => ({
  key,
  expected,
  read: when((text) => text.trim() !== ''),
});
const httpsUrl = (key: string): Rule<string> => ({
  key,
  expected: 'an https:// URL',
  read: when((text) => URL.canParse(text) && text.startsWith('https://')),
});

const rules: { [K in keyof Settings]: Rule<Settings[K]> } = {
  name: { key: 'CLUSTER', expected: 'a DNS label', read: when(isDnsLabel) },
  id: { key: 'CLUSTER_ID', expected: 'a whole number from 1 to 255', read: whole(1, 255) },
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
  connectVault: filled('ONEPASSWORD_VAULT', 'the name of a vault'),
  connectTokenSecret: {
    key: 'ONEPASSWORD_CONNECT_TOKEN_SECRET',
    expected: 'the name of a Secret',
    read: when(isDnsLabel),
  },
  domain: { key: 'SECRET_DOMAIN', expected: 'a DNS name', read: when(isDnsName) },
  tsigItem: {
    key: 'BIND_TSIG_SECRET_PATH',
    expected: 'the title of a vault item such as kubernetes/<cluster>/<app>',
    read: when((text) => /^kubernetes(\/[a-z0-9-]+){2,}$/.test(text)),
  },
  openebsBasePath: {
    key: 'OPENEBS_BASEPATH',
    expected: 'a path below /var/mnt, the writable place of a Talos machine',
    read: when((text) => /^\/var\/mnt(\/[A-Za-z0-9._-]+)+$/.test(text) && !text.includes('/..')),
  },
  gitUrl: httpsUrl('GIT_URL'),
  gitBranch: filled('GIT_BRANCH', 'the name of a branch'),
};

/** Every setting that the program uses, by its name in the file. */
export const settingKeys: readonly string[] = Object.values(rules).map(({ key }) => key);

/** The setting's name in the file, for messages. */
export function settingKey(setting: keyof Settings): string {
  return rules[setting].key;
}

/** Where a setting stands: `<file>:<line> <KEY>`, without line if it is not there. */
export function settingPlace(source: SettingsSource, setting: keyof Settings): string {
  const key = settingKey(setting);
  const line = source.values[key] === undefined ? undefined : source.line(key);
  return `${source.file}${line === undefined ? '' : `:${line}`} ${key}`;
}

/** Reads the settings that the program uses. What is wrong is left out and reported. */
export function parseSettings(source: SettingsSource): { settings: Partial<Settings>; problems: Problem[] } {
  const problems: Problem[] = [];
  const settings: Partial<Record<keyof Settings, unknown>> = {};
  for (const [setting, rule] of Object.entries(rules) as [keyof Settings, Rule<unknown>][]) {
    const text = source.values[rule.key];
    const value = text === undefined ? undefined : rule.read(text);
    if (value !== undefined) {
      settings[setting] = value;
      continue;
    }
    const network = text !== undefined && setting.endsWith('Cidr') ? canonicalCidr(text) : undefined;
    problems.push({
      where: settingPlace(source, setting),
      found: show(text),
      expected: network === undefined ? rule.expected : 'the network itself, without host bits',
      fix: text === undefined ? 'add it' : network === undefined ? 'correct it' : `write ${network}`,
    });
  }
  return { settings: settings as Partial<Settings>, problems };
}
