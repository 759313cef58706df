import { textFault } from '../gitops/plainText';
import { type AddressRange, canonicalCidr, poolRange } from '../net/addresses';
import { placeText } from './keyPath';
import { type Problem, show } from './problems';
import { type SettingKey, type SettingType, type SettingValue, settingTypes } from './settingTypes';

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

/** The settings that the program requires, by its own names for them. Manifests use more. */
export const settingKeys = {
  name: 'CLUSTER',
  id: 'CLUSTER_ID',
  nodeCidr: 'NODE_CIDR',
  podCidr: 'POD_CIDR',
  serviceCidr: 'SERVICE_CIDR',
  nativeRoutingCidr: 'NATIVE_ROUTING_CIDR',
  apiHost: 'K8S_API_HOST',
  talosVersion: 'TALOS_VERSION',
  kubernetesVersion: 'KUBERNETES_VERSION',
  poolStart: 'CILIUM_LB_POOL_START',
  poolEnd: 'CILIUM_LB_POOL_END',
  clusterMeshIp: 'CLUSTERMESH_IP',
  gatewayIp: 'CILIUM_GATEWAY_LB_IP',
  externalGatewayIp: 'CILIUM_GATEWAY_EXTERNAL_LB_IP',
  l2Announcements: 'CILIUM_L2_ANNOUNCEMENTS',
  bgpLocalAsn: 'CILIUM_BGP_LOCAL_ASN',
  bgpPeerAsn: 'CILIUM_BGP_PEER_ASN',
  corednsClusterIp: 'COREDNS_CLUSTER_IP',
  connectHost: 'ONEPASSWORD_CONNECT_HOST',
  connectVault: 'ONEPASSWORD_VAULT',
  connectTokenSecret: 'ONEPASSWORD_CONNECT_TOKEN_SECRET',
  domain: 'SECRET_DOMAIN',
  tsigItem: 'BIND_TSIG_SECRET_PATH',
  openebsBasePath: 'OPENEBS_BASEPATH',
  gitUrl: 'GIT_URL',
  gitBranch: 'GIT_BRANCH',
} as const satisfies Record<string, SettingKey>;

/** Settings that the program checks if they are set. */
const optionalKeys = {
  serviceHost: 'K8S_SERVICE_HOST',
  servicePort: 'K8S_SERVICE_PORT',
  cephDeviceFilter: 'ROOK_CEPH_DEVICE_FILTER',
  cephMonCount: 'ROOK_CEPH_MON_COUNT',
} as const satisfies Record<string, SettingKey>;

type SettingsOf<Keys extends Record<string, SettingKey>> = { [K in keyof Keys]: Located<SettingValue<Keys[K]>> };

/** The settings that the program requires, parsed. */
export type RequiredSettings = SettingsOf<typeof settingKeys>;

/** The settings of a cluster that the program uses. Missing and invalid ones are absent. */
export interface Settings extends Partial<RequiredSettings>, Partial<SettingsOf<typeof optionalKeys>> {
  /** The load balancer pool, defined at its start; absent if it ends before it starts. */
  pool?: Located<AddressRange>;
}

/** Parses a cluster's settings. Invalid settings are left out and reported, including those that the program does not use. */
export function parseSettings(source: SettingsSource): { settings: Settings; problems: Problem[] } {
  const problems: Problem[] = [];
  const read: Record<string, Located<unknown>> = {};
  const names = new Map<string, string>(
    Object.entries({ ...settingKeys, ...optionalKeys }).map(([name, key]) => [key, name]),
  );
  const required = new Set<string>(Object.values(settingKeys));
  for (const [key, type] of Object.entries<SettingType<unknown>>(settingTypes)) {
    const text = source.values[key];
    if (text === undefined && !required.has(key)) continue;
    const place = placeOf(source, key);
    const fault = text === undefined ? undefined : textFault(text, type.longest);
    const value = text === undefined || fault !== undefined ? undefined : type.read(text);
    const name = names.get(key);
    if (value === undefined) problems.push({ where: place, ...invalid(key, text, fault ?? type.expected) });
    else if (name !== undefined) read[name] = { value, label: key, place };
  }
  for (const key of Object.keys(source.values).filter((known) => !Object.hasOwn(settingTypes, known))) {
    const expected = 'a setting with a type in cluster/settingTypes.ts';
    problems.push({
      where: placeOf(source, key),
      found: 'an unknown setting',
      expected,
      fix: 'correct the spelling, remove it, or add its type',
    });
  }
  const settings = read as Settings;
  const { poolStart, poolEnd } = settings;
  const pool = poolRange(poolStart?.value ?? '', poolEnd?.value ?? '');
  if (poolStart !== undefined && pool !== undefined) {
    settings.pool = { value: pool, label: 'the pool', place: poolStart.place };
  }
  return { settings, problems };
}

function invalid(key: string, text: string | undefined, expected: string): Omit<Problem, 'where'> {
  if (text === undefined) return { found: show(text), expected, fix: 'add it' };
  const network = key.endsWith('_CIDR') ? canonicalCidr(text) : undefined;
  if (network !== undefined) {
    return { found: show(text), expected: 'a network address without host bits', fix: `write ${network}` };
  }
  // The password of a URL is a secret.
  const found = /\/\/[^/]*@/.test(text) ? 'a URL with a user' : show(text);
  return { found, expected, fix: 'correct it' };
}

function placeOf(source: SettingsSource, key: string): string {
  const line = source.values[key] === undefined ? undefined : source.line(key);
  return placeText(source.file, line, key);
}
