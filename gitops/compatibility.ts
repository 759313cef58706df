import { parseVersion } from './version';

/** Products whose versions depend on each other. */
export type Product = 'Talos' | 'Kubernetes' | 'Cilium' | 'Gateway API' | 'Rook' | 'Ceph' | 'Flux Operator' | 'Flux';

/** One line of the table: a minor version of one product, and the versions of another that it works with. */
export interface CompatibilityRow {
  product: Product;
  /** `<major>.<minor>`, without a leading `v`. */
  minor: string;
  other: Product;
  /** The first version that fits: `1.29` means 1.29.0. */
  from: string;
  /** The last version that fits: `1.34` means every 1.34; absent if there is no known limit. */
  to?: string;
  /** What happens outside the range: the product refuses or breaks, or its authors only do not support it. */
  outside: 'breaks' | 'unsupported';
  /** Where the range is stated. */
  source: string;
  /** When the source was read, as an ISO date. */
  read: string;
}

const rowsOf = (
  product: Product,
  other: Product,
  { outside, read }: Pick<CompatibilityRow, 'outside' | 'read'>,
  ranges: readonly (readonly [minor: string, from: string, to: string | undefined, source: string])[],
): CompatibilityRow[] =>
  ranges.map(([minor, from, to, source]) => ({ product, minor, other, from, to, outside, source, read }));

const breaks = { outside: 'breaks', read: '2026-11-28' } as const;
const unsupported = { outside: 'unsupported', read: '2026-11-28' } as const;

const talosSource = 'siderolabs/talos pkg/machinery v1.13.3, compatibility/talos';
const ciliumDocs = 'Documentation/network/servicemesh/gateway-api/installation.rst';
const rookVersions = 'pkg/operator/ceph/version/version.go (Minimum, supportedVersions)';
const rookDocs = 'Documentation/Getting-Started/Prerequisites/prerequisites.md';

/**
 * Which versions go together, as far as their authors state it. A version that is not in the table is not checked: add its
 * row with the source when a pin is raised to it.
 */
export const compatibilityRows: readonly CompatibilityRow[] = [
  // The machine refuses a configuration with any other Kubernetes version.
  ...rowsOf('Talos', 'Kubernetes', breaks, [
    ['1.9', '1.27', '1.32', `${talosSource}19`],
    ['1.10', '1.28', '1.33', `${talosSource}110`],
    ['1.11', '1.29', '1.34', `${talosSource}111`],
    ['1.12', '1.30', '1.35', `${talosSource}112`],
    ['1.13', '1.31', '1.36', `${talosSource}113`],
  ]),
  // Cilium's operator runs no gateway controller if a kind that it requires is not served.
  ...rowsOf('Cilium', 'Gateway API', breaks, [
    ['1.16', '1.1', undefined, `cilium/cilium v1.16.0, ${ciliumDocs}`],
    ['1.17', '1.2', undefined, `cilium/cilium v1.17.0, ${ciliumDocs}`],
    ['1.18', '1.2', undefined, `cilium/cilium v1.18.3, ${ciliumDocs}`],
    ['1.19', '1.3', undefined, `cilium/cilium v1.19.0, ${ciliumDocs}`],
    ['1.20', '1.6.1', undefined, 'cilium/cilium v1.20.1, Documentation/operations/upgrade-current.inc'],
  ]),
  // Helm refuses the chart. Cilium's list of tested Kubernetes versions does not limit it: its authors say that others may work.
  ...rowsOf('Cilium', 'Kubernetes', breaks, [
    ['1.17', '1.21', undefined, 'cilium/cilium v1.17.0, install/kubernetes/cilium/Chart.yaml (kubeVersion)'],
    ['1.18', '1.21', undefined, 'cilium/cilium v1.18.3, install/kubernetes/cilium/Chart.yaml (kubeVersion)'],
    ['1.19', '1.21', undefined, 'cilium/cilium v1.19.0, install/kubernetes/cilium/Chart.yaml (kubeVersion)'],
    ['1.20', '1.21', undefined, 'cilium/cilium v1.20.1, install/kubernetes/cilium/Chart.yaml (kubeVersion)'],
  ]),
  // The operator refuses to start a cluster with any other Ceph, unless cephVersion.allowUnsupported is set.
  ...rowsOf('Rook', 'Ceph', breaks, [
    ['1.17', '18.2', '19', `rook/rook v1.17.7, ${rookVersions}`],
    ['1.18', '18.2', '19', `rook/rook v1.18.6, ${rookVersions}`],
    ['1.19', '19.2', '20', `rook/rook v1.19.1, ${rookVersions}`],
  ]),
  ...rowsOf('Rook', 'Kubernetes', unsupported, [
    ['1.17', '1.28', '1.33', `rook/rook v1.17.7, ${rookDocs}`],
    ['1.18', '1.29', '1.34', `rook/rook v1.18.6, ${rookDocs}`],
    ['1.19', '1.30', '1.35', `rook/rook v1.19.1, ${rookDocs}`],
  ]),
  // The operator installs only a minor version whose manifests its image contains.
  ...rowsOf('Flux Operator', 'Flux', breaks, [
    ['0.58', '2.2', '2.9', 'controlplaneio-fluxcd/flux-operator v0.58.0, config/data/flux'],
    ['0.59', '2.2', '2.9', 'controlplaneio-fluxcd/flux-operator v0.59.0, config/data/flux'],
  ]),
];

/** What the table says about two versions; `row` is the one that decides. */
export type Compatibility = { state: 'fits' | 'outside'; row: CompatibilityRow } | { state: 'unknown' };

/**
 * Whether a version of a product works with a version of another one. `unknown` if the table has no row for the first
 * version, or if either text is not an exact version.
 */
export function compatibility(product: Product, version: string, other: Product, otherVersion: string): Compatibility {
  const [major, minor] = numbersOf(version) ?? [];
  const wanted = numbersOf(otherVersion);
  const row = compatibilityRows.find(
    (candidate) =>
      candidate.product === product && candidate.other === other && candidate.minor === `${major}.${minor}`,
  );
  if (row === undefined || wanted === undefined) return { state: 'unknown' };
  const { from, to } = row;
  const fits = compare(wanted, partsOf(from)) >= 0 && (to === undefined || compare(wanted, partsOf(to)) <= 0);
  return { state: fits ? 'fits' : 'outside', row };
}

/** The other product's versions of a row: `Kubernetes 1.29 to 1.34`. */
export function rangeText({ other, from, to }: CompatibilityRow): string {
  return to === undefined ? `${other} ${from} or later` : `${other} ${from} to ${to}`;
}

/** The numbers of a version; undefined for a range or a pre-release. */
function numbersOf(text: string): number[] | undefined {
  const version = parseVersion(text);
  return version?.preRelease === '' ? [version.major, version.minor, version.patch] : undefined;
}

function partsOf(version: string): number[] {
  return version.split('.').map(Number);
}

/** Compares a version with a limit, of which it must only match the parts that the limit has. */
function compare(version: readonly number[], limit: readonly number[]): number {
  for (const [index, part] of limit.entries()) {
    const difference = (version[index] ?? 0) - part;
    if (difference !== 0) return difference;
  }
  return 0;
}
