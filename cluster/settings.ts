import { textFault } from '../gitops/plainText';
import type { ListedSystems, SystemUse } from '../gitops/listedSystems';
import { type AddressRange, canonicalCidr, poolRange } from '../net/addresses';
import { placeText } from './keyPath';
import { type Problem, show } from './problems';
import { type SettingKey, type SettingType, type SettingValue, settingTypes } from './settingTypes';
import { describeUse } from './systemNames';

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

/** The settings that the program itself requires, by its own names for them. Manifests require more. */
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
  corednsClusterIp: 'COREDNS_CLUSTER_IP',
  connectHost: 'ONEPASSWORD_CONNECT_HOST',
  connectVault: 'ONEPASSWORD_VAULT',
  connectTokenSecret: 'ONEPASSWORD_CONNECT_TOKEN_SECRET',
  gitUrl: 'GIT_URL',
  gitBranch: 'GIT_BRANCH',
} as const satisfies Record<string, SettingKey>;

/** Settings that the program uses or checks if they are set. Those of an optional system are required by its manifests. */
export const optionalKeys = {
  apiPort: 'K8S_API_PORT',
  serviceHost: 'K8S_SERVICE_HOST',
  servicePort: 'K8S_SERVICE_PORT',
  cephDeviceFilter: 'ROOK_CEPH_DEVICE_FILTER',
  cephMonCount: 'ROOK_CEPH_MON_COUNT',
  ciliumOperatorReplicas: 'CILIUM_OPERATOR_REPLICAS',
  poolStart: 'CILIUM_LB_POOL_START',
  poolEnd: 'CILIUM_LB_POOL_END',
  clusterMeshIp: 'CLUSTERMESH_IP',
  gatewayIp: 'CILIUM_GATEWAY_LB_IP',
  externalGatewayIp: 'CILIUM_GATEWAY_EXTERNAL_LB_IP',
  clusterMeshEnabled: 'CLUSTERMESH_ENABLED',
  spireEnabled: 'CILIUM_SPIRE_ENABLED',
  domain: 'SECRET_DOMAIN',
  tsigItem: 'BIND_TSIG_SECRET_PATH',
  openebsBasePath: 'OPENEBS_BASEPATH',
  oidcIssuerUrl: 'OIDC_ISSUER_URL',
  oidcGroupPrefix: 'OIDC_GROUP_PREFIX',
} as const satisfies Record<string, SettingKey>;

type SettingsOf<Keys extends Record<string, SettingKey>> = { [K in keyof Keys]: Located<SettingValue<Keys[K]>> };

/** The settings that the program requires, parsed. */
export type RequiredSettings = SettingsOf<typeof settingKeys>;

/** The settings of a cluster that the program uses. Missing and invalid ones are absent. */
export interface Settings extends Partial<RequiredSettings>, Partial<SettingsOf<typeof optionalKeys>> {
  /** The load balancer pool, defined at its start; absent if it ends before it starts. */
  pool?: Located<AddressRange>;
}

/** The ranges of a setting that may have several, each located as the setting. */
export function rangesOf(setting: Located<readonly AddressRange[]> | undefined): Located<AddressRange>[] {
  return (setting?.value ?? []).map((value) => ({ ...setting, value }) as Located<AddressRange>);
}

/** A setting's ranges for a message: `NODE_CIDR 10.0.0.0/24, 10.1.0.0/24`. */
export function describeRanges({ label, value }: Located<readonly AddressRange[]>): string {
  return `${label} ${value.map(({ text }) => text).join(', ')}`;
}

/**
 * Parses a cluster's settings. Required are the program's own and those that a listed system uses without a default. Invalid
 * settings are left out and reported, including those that the program does not use.
 */
export function parseSettings(
  source: SettingsSource,
  { variables }: Pick<ListedSystems, 'variables'> = { variables: new Map() },
): { settings: Settings; problems: Problem[] } {
  const problems: Problem[] = [];
  const read: Record<string, Located<unknown>> = {};
  const names = new Map<string, string>(
    Object.entries({ ...settingKeys, ...optionalKeys }).map(([name, key]) => [key, name]),
  );
  const required = new Set<string>(Object.values(settingKeys));
  for (const [key, type] of Object.entries<SettingType<unknown>>(settingTypes)) {
    const text = source.values[key];
    const use = required.has(key) ? undefined : variables.get(key);
    if (text === undefined && use === undefined && !required.has(key)) continue;
    const place = placeOf(source, key);
    const fault = text === undefined ? undefined : textFault(text, type.longest);
    const value = text === undefined || fault !== undefined ? undefined : type.read(text);
    const name = names.get(key);
    if (value === undefined) problems.push({ where: place, ...invalid(key, text, fault ?? type.expected, use) });
    else if (name !== undefined) read[name] = { value, label: key, place };
  }
  for (const [key, use] of variables) {
    if (Object.hasOwn(settingTypes, key) || source.values[key] !== undefined) continue;
    problems.push({
      where: placeOf(source, key),
      found: show(undefined),
      expected: `a setting, used by ${describeUse(use)}`,
      fix: 'add it and its type in cluster/settingTypes.ts, or correct the spelling there',
      setting: key,
    });
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

function invalid(
  key: string,
  text: string | undefined,
  expected: string,
  use: SystemUse | undefined,
): Omit<Problem, 'where'> {
  if (text === undefined) {
    const missing = { found: show(text), setting: key };
    if (use === undefined) return { ...missing, expected, fix: 'add it' };
    return {
      ...missing,
      expected: `${expected}, used by ${describeUse(use)}`,
      fix: `add it, or remove what uses it from the cluster's list`,
    };
  }
  const networks = key.endsWith('_CIDR') ? text.split(',').map((part) => canonicalCidr(part.trim())) : [undefined];
  if (networks.every((network) => network !== undefined) && networks.join(',') !== text) {
    return { found: show(text), expected: 'a network address without host bits', fix: `write ${networks.join(',')}` };
  }
  // The password of a URL is a secret.
  const found = /\/\/[^/]*@/.test(text) ? 'a URL with a user' : show(text);
  return { found, expected, fix: 'correct it' };
}

function placeOf(source: SettingsSource, key: string): string {
  const line = source.values[key] === undefined ? undefined : source.line(key);
  return placeText(source.file, line, key);
}
