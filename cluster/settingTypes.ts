import { type AddressRange, canonicalAddress, cidrRange, familyOf } from '../net/addresses';
import { type DeviceFilter, readDeviceFilter } from './deviceFilter';
import { isDnsLabel, isDnsName, isEmail } from './names';

/** What a setting's text may be. */
export interface SettingType<T> {
  /** Completes "expected …". */
  expected: string;
  /** The value, or undefined if the text is invalid. */
  read(text: string): T | undefined;
  /** The length of the longest text, if it is not the usual one. */
  longest?: number;
}

const when = (expected: string, test: (text: string) => boolean): SettingType<string> => ({
  expected,
  read: (text) => (test(text) ? text : undefined),
});
const integer = (min: number, max: number): SettingType<number> => ({
  expected: `an integer from ${min} to ${max}`,
  read: (text) => {
    const number = /^(0|[1-9]\d*)$/.test(text) ? Number(text) : Number.NaN;
    return number >= min && number <= max ? number : undefined;
  },
});
const oneOf = (...values: string[]): SettingType<string> =>
  when(`one of ${values.join(', ')}`, (text) => values.includes(text));

const trueOrFalse: SettingType<boolean> = {
  expected: '"true" or "false"',
  read: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
};
const cidr: SettingType<AddressRange> = { expected: 'a CIDR such as 10.0.0.0/16 or fd00:10::/56', read: cidrRange };
const cidrs: SettingType<readonly AddressRange[]> = {
  expected: 'one or more CIDRs such as 10.0.0.0/16 or fd00:10::/56, separated by commas',
  read: (text) => {
    const ranges = text.split(',').map((part) => cidrRange(part.trim()));
    return ranges.every((range) => range !== undefined) ? ranges : undefined;
  },
};
const ipv4 = when('an IPv4 address', (text) => familyOf(text) === 'IPv4');
/** Only one way to write it, because texts are compared: by this program, by Talos and by Cilium. */
const isIpAddress = (text: string): boolean => canonicalAddress(text) === text;
const ipAddress = when('an IP address (IPv6 in its shortest form)', isIpAddress);
const port = integer(1, 65_535);
const dnsLabel = when('a DNS label', isDnsLabel);
const dnsName = when('a DNS name', isDnsName);
const isHost = (text: string): boolean => isIpAddress(text) || isDnsName(text);
const objectName = when('the name of an object', (text) => text.length <= 253 && text.split('.').every(isDnsLabel));
const bucket = when('the name of a bucket: 3 to 63 of a-z, 0-9, . and -', (text) =>
  /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(text),
);
const exactVersion = when('a version such as 1.2.3', (text) => /^\d+\.\d+\.\d+$/.test(text));
const vVersion = when('a version such as v1.2.3', (text) => /^v\d+\.\d+\.\d+$/.test(text));
// Tags of charts and images: releases, release candidates, and builds such as Ceph's v19.2.3-20250717.
const tag = when('a version such as 1.2.3 or 1.2.3-rc.1', (text) => /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(text));
const vTag = when('a version such as v1.2.3 or v1.2.3-rc.1', (text) => /^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(text));
const httpsUrl = when('an https:// URL without user and password', (text) => {
  const url = text.startsWith('https://') && URL.canParse(text) ? new URL(text) : undefined;
  return (
    url !== undefined &&
    url.username === '' &&
    url.password === '' &&
    url.hash === '' &&
    url.search === '' &&
    !text.split('/').includes('..')
  );
});

const isSshUrl = (text: string): boolean =>
  /^ssh:\/\/[A-Za-z0-9._-]+@[A-Za-z0-9.:[\]-]+\/[A-Za-z0-9._~/-]+$/.test(text) &&
  URL.canParse(text) &&
  !text.split('/').includes('..');
const gitUrl = when(
  'an https:// URL without user and password, or an ssh:// URL such as ssh://git@git.example.org/a/b.git',
  (text) => httpsUrl.read(text) !== undefined || isSshUrl(text),
);

// 23456 and 65535 are reserved (RFC 7607, RFC 7300), and so is the last 32-bit number.
const reservedAsns = [23456, 65535];
const asn: SettingType<number> = {
  expected: 'an AS number from 1 to 4294967294 that is not reserved (23456, 65535)',
  read: (text) => {
    const number = integer(1, 2 ** 32 - 2).read(text);
    return number !== undefined && reservedAsns.includes(number) ? undefined : number;
  },
};

// As VictoriaMetrics, VictoriaLogs and VictoriaTraces read it: without a unit it would be months, and less than a day is refused.
const retention = when('days, weeks or years such as 30d', (text) => /^[1-9]\d*[dwy]$/.test(text));
const storageSize = when('a size such as 50Gi', (text) => /^[1-9]\d*(Mi|Gi|Ti)$/.test(text));

/** What `git check-ref-format` allows. */
function isBranch(text: string): boolean {
  const forbidden = /[\s~^:?*[\\]|\.\.|@\{|\/\/|^[-/]|[/.]$|^@$/;
  return text !== '' && !forbidden.test(text) && text.split('/').every((part) => !/^\.|\.lock$/.test(part));
}

/** What a text in JSON says; undefined if it is not JSON. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Addresses that the blackbox exporter asks for. */
function readProbeTargets(text: string): string[] | undefined {
  const targets = readJson(text);
  const isAddress = (one: unknown): one is string =>
    typeof one === 'string' && one.startsWith('https://') && URL.canParse(one) && !/\s/.test(one);
  return Array.isArray(targets) && targets.every(isAddress) ? targets : undefined;
}

const fluxControllers = ['source-controller', 'kustomize-controller', 'helm-controller', 'notification-controller'];
const optionalFluxControllers = ['image-reflector-controller', 'image-automation-controller', 'source-watcher'];

function readFluxComponents(text: string): string[] | undefined {
  const names = readJson(text);
  if (!Array.isArray(names) || !fluxControllers.every((name) => names.includes(name))) return undefined;
  const known = new Set<unknown>([...fluxControllers, ...optionalFluxControllers]);
  const isValid = names.every((name) => known.has(name)) && new Set(names).size === names.length;
  return isValid ? (names as string[]) : undefined;
}

/** The `clusters` of Cilium's chart without `tls`, which would be secrets: the clusters share a CA. */
function readPeers(text: string): { name: string }[] | undefined {
  const peers = readJson(text);
  if (!Array.isArray(peers) || !peers.every(isPeer)) return undefined;
  return new Set(peers.map(({ name }) => name)).size === peers.length ? peers : undefined;
}

function isPeer(value: unknown): value is { name: string } {
  if (typeof value !== 'object' || value === null) return false;
  const { name, address, port: number, ips, ...rest } = value as Record<string, unknown>;
  const hasAddress = typeof address === 'string' && isHost(address);
  const hasIps = Array.isArray(ips) && ips.length > 0 && ips.every((ip) => typeof ip === 'string' && isIpAddress(ip));
  return (
    Object.keys(rest).length === 0 &&
    typeof name === 'string' &&
    isDnsLabel(name) &&
    (hasAddress || (address === undefined && hasIps)) &&
    (hasIps || ips === undefined) &&
    Number.isInteger(number) &&
    port.read(String(number)) !== undefined
  );
}

/** The names in a certificate that HTTP-01 proves, which cannot prove a wildcard. */
function readNames(text: string): string[] | undefined {
  const names = readJson(text);
  // Let's Encrypt allows 100 names in a certificate.
  if (!Array.isArray(names) || names.length === 0 || names.length > 100) return undefined;
  const valid = names.every((name) => typeof name === 'string' && isDnsName(name));
  return valid && new Set(names).size === names.length ? (names as string[]) : undefined;
}

/** The type of every key of a `cluster-settings.yaml`. The program refuses a key that is not here. */
export const settingTypes = {
  CLUSTER: dnsLabel,
  CLUSTER_ID: integer(1, 255),
  NODE_CIDR: cidrs,
  POD_CIDR: cidrs,
  SERVICE_CIDR: cidrs,
  NATIVE_ROUTING_CIDR: cidr,
  K8S_API_HOST: when('a DNS name or an IP address', isHost),
  K8S_API_PORT: port,
  K8S_SERVICE_HOST: when('an IP address, localhost or a DNS name', (text) => text === 'localhost' || isHost(text)),
  K8S_SERVICE_PORT: port,
  TALOS_VERSION: vVersion,
  KUBERNETES_VERSION: vVersion,
  CILIUM_VERSION: tag,
  FLUX_VERSION: exactVersion,
  ROOK_VERSION: vTag,
  ROOK_CEPH_IMAGE_TAG: vTag,
  CILIUM_LB_POOL_START: ipAddress,
  CILIUM_LB_POOL_END: ipAddress,
  CLUSTERMESH_IP: ipAddress,
  CILIUM_GATEWAY_LB_IP: ipAddress,
  CILIUM_GATEWAY_EXTERNAL_LB_IP: ipAddress,
  GATEWAY_EXTERNAL_NAMES: {
    expected: 'JSON: a list of 1 to 100 different DNS names without wildcards, such as ["www.example.org"]',
    read: readNames,
    longest: 25_000,
  },
  CILIUM_BGP_LOCAL_ASN: asn,
  CILIUM_BGP_PEER_ASN: asn,
  CILIUM_BGP_PEER_ADDRESS: ipAddress,
  COREDNS_CLUSTER_IP: ipAddress,
  COREDNS_REPLICAS: integer(1, 50),
  CILIUM_OPERATOR_REPLICAS: integer(1, 5),
  EXTERNAL_SECRET_STORE: objectName,
  ONEPASSWORD_CONNECT_HOST: httpsUrl,
  ONEPASSWORD_CONNECT_TOKEN_SECRET: objectName,
  ONEPASSWORD_VAULT: when('the name of a 1Password vault', (text) => text !== ''),
  OPENEBS_BASEPATH: when(
    'a path under /var/mnt, which is writable on Talos',
    (text) => /^\/var\/mnt(\/[A-Za-z0-9._-]+)+$/.test(text) && !text.includes('/..'),
  ),
  CLUSTERMESH_ENABLED: trueOrFalse,
  // 255 clusters of 90 characters each.
  CLUSTERMESH_PEERS: {
    expected: 'JSON: a list of {"name", "address" or "ips", "port"}, each with another name',
    read: readPeers,
    longest: 25_000,
  },
  CILIUM_SPIRE_ENABLED: trueOrFalse,
  CILIUM_POLICY_AUDIT_MODE: trueOrFalse,
  HUBBLE_UI_ENABLED: trueOrFalse,
  SECRET_DOMAIN: dnsName,
  PRIVATE_DOMAIN: dnsName,
  BIND_HOST: ipv4,
  BIND_TSIG_SECRET_PATH: when('the title of a 1Password item such as kubernetes/<cluster>/<app>', (text) =>
    /^kubernetes(\/[a-z0-9-]+){2,}$/.test(text),
  ),
  ACME_EMAIL: when('an e-mail address', isEmail),
  CERTIFICATE_ISSUER: objectName,
  OIDC_ISSUER_URL: httpsUrl,
  // Groups that begin with system: are Kubernetes' own.
  OIDC_GROUP_PREFIX: when('a prefix that ends with a colon, such as oidc:, and is not system:', (text) =>
    /^(?!system:)[a-z0-9-]+:$/.test(text),
  ),
  ADMISSION_ACTION: oneOf('Audit', 'Deny', 'Warn'),
  SOURCE_VERIFICATION: oneOf('cosign', 'none'),
  // Rook's CRD allows 9.
  ROOK_CEPH_MON_COUNT: integer(1, 9),
  ROOK_CEPH_DEVICE_FILTER: {
    expected: 'a regular expression for disk names that Rook can read (RE2, without lookaround)',
    read: readDeviceFilter,
  } satisfies SettingType<DeviceFilter>,
  ROOK_CEPH_OSD_DEVICE_CLASS: oneOf('hdd', 'nvme', 'ssd'),
  ROOK_CEPH_BLOCK_DEFAULT: trueOrFalse,
  OPENEBS_LOCAL_DEFAULT: trueOrFalse,
  BLOCK_SC: objectName,
  LOGS_RETENTION: retention,
  LOGS_STORAGE_SIZE: storageSize,
  TRACES_RETENTION: retention,
  TRACES_STORAGE_SIZE: storageSize,
  // Network policies name it as an address.
  VOLSYNC_S3_HOST: ipv4,
  VOLSYNC_S3_PORT: port,
  VOLSYNC_S3_BUCKET: bucket,
  OBJECT_STORE_HOST: dnsName,
  OBJECT_STORE_PORT: port,
  CNPG_STORAGE_CLASS: objectName,
  CNPG_DATA_SIZE: storageSize,
  CNPG_WAL_SIZE: storageSize,
  CNPG_BACKUP_BUCKET: bucket,
  DRAGONFLY_STORAGE_CLASS: objectName,
  HARBOR_BUCKET: bucket,
  // The longest suffix is -dependency-proxy.
  GITLAB_BUCKET_PREFIX: when('the beginning of names of buckets: 3 to 40 of a-z, 0-9 and -', (text) =>
    /^[a-z0-9][a-z0-9-]{2,39}$/.test(text),
  ),
  GITLAB_REPOSITORY_SIZE: storageSize,
  DRAGONFLY_DATA_SIZE: storageSize,
  GITHUB_CONFIG_URL: when(
    'the address of a repository or organisation: https://github.com/<owner> or https://github.com/<owner>/<name>',
    (text) => /^https:\/\/github\.com\/[\w.-]+(\/[\w.-]+)?$/.test(text),
  ),
  KAFKA_STORAGE_CLASS: objectName,
  KAFKA_STORAGE_SIZE: storageSize,
  METRICS_RETENTION: retention,
  METRICS_STORAGE_SIZE: storageSize,
  METRICS_PROBE_TARGETS: {
    expected: 'JSON: a list of https:// addresses',
    read: readProbeTargets,
    longest: 25_000,
  },
  ALERT_HEARTBEAT_HOST: dnsName,
  ALERT_PEOPLE_HOST: dnsName,
  GIT_URL: gitUrl,
  GIT_BRANCH: when('the name of a branch', isBranch),
  FLUX_COMPONENTS: {
    expected: `JSON: a list of ${fluxControllers.join(', ')}, and perhaps ${optionalFluxControllers.join(', ')}, each once`,
    read: readFluxComponents,
    longest: 500,
  },
};

/** A key of a `cluster-settings.yaml`. */
export type SettingKey = keyof typeof settingTypes;

/** What a setting's text is read as. */
export type SettingValue<K extends SettingKey> = NonNullable<ReturnType<(typeof settingTypes)[K]['read']>>;
