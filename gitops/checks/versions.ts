import {
  type Compatibility,
  type CompatibilityRow,
  compatibility,
  compatibilityRows,
  rangeText,
} from '../compatibility';
import { describeObject } from '../kubernetesObject';
import { locate } from '../locate';
import type { Tree, TreeCluster } from '../tree';
import { parseVersion } from '../version';
import type { Check, LookedAt, RawFinding, RawNotChecked } from './check';
import { type ProductVersion, chartVersions, productVersions, usesGatewayApi } from './facts/productVersions';
import { placesOf } from './facts/versions';
import { notCheckedAt } from './finding';

/** Two pinned versions of a cluster of which the table may know whether they go together. */
interface Pair {
  first: ProductVersion;
  second: ProductVersion;
  result: Compatibility;
}

/** The pairs of products in the table, each once. Talos is the program's: its definition checks compare it. */
const productPairs = [
  ...new Map(
    compatibilityRows
      .filter(({ product }) => product !== 'Talos')
      .map(({ product, other }) => [`${product} ${other}`, [product, other] as const]),
  ).values(),
];

function* pairs(cluster: TreeCluster): Generator<Pair> {
  const versions = [...productVersions(cluster)];
  for (const [product, other] of productPairs) {
    if (other === 'Gateway API' && !usesGatewayApi(cluster)) continue;
    for (const first of versions.filter((version) => version.product === product)) {
      const seen = new Set<string>();
      for (const second of versions.filter((version) => version.product === other)) {
        // Every CRD of a product repeats its version.
        if (seen.has(second.version)) continue;
        seen.add(second.version);
        yield { first, second, result: compatibility(product, first.version, other, second.version) };
      }
    }
  }
}

function* outside(tree: Tree, kind: CompatibilityRow['outside']): Generator<RawFinding | RawNotChecked | LookedAt> {
  for (const cluster of tree.clusters) {
    for (const { first, second, result } of pairs(cluster)) {
      if (result.state === 'unknown' || result.row.outside !== kind) continue;
      yield { places: 1 };
      if (result.state === 'fits') continue;
      const { row } = result;
      yield {
        at: placeOf(tree, cluster, first),
        object: describeObject(first.object.object),
        what: `${first.product} ${first.version} needs ${rangeText(row)}; this cluster has ${second.version} (${placeText(placeOf(tree, cluster, second))})`,
        todo: `change one of the two versions; the range is from ${row.source}`,
        clusters: [cluster.name],
      };
    }
  }
}

function placeOf(tree: Tree, cluster: TreeCluster, { object, path, version }: ProductVersion) {
  return placesOf(tree, cluster, { object, path, value: version })[0] ?? locate(tree, object, path);
}

function placeText({ file, line }: { file: string; line: number }): string {
  return `${file}:${line}`;
}

/** Two versions that break each other. */
export const versionsIncompatible: Check = {
  id: 'versions-incompatible',
  severity: 'error',
  set: 'general',
  why: 'The one refuses the other or stops working with it, although each was updated correctly on its own.',
  *run(tree) {
    yield* outside(tree, 'breaks');
    for (const cluster of tree.clusters) {
      for (const { first, second, result } of pairs(cluster)) {
        if (result.state !== 'unknown') continue;
        const reason = 'a version is not exact, or not in the table of compatible versions';
        const what = `${first.product} ${first.version} with ${second.product} ${second.version}`;
        yield notCheckedAt(cluster, first.object, first.path, reason, what);
      }
    }
  },
};

/** A version that the authors of another product do not support. */
export const versionsUnsupported: Check = {
  id: 'versions-unsupported',
  severity: 'warning',
  set: 'general',
  why: 'Its authors do not test the one with the other, and do not fix what breaks.',
  run: (tree) => outside(tree, 'unsupported'),
};

/** Charts whose objects need the CRDs of another chart; that chart must be upgraded first (rook/rook, rook-upgrade.md). */
const chartsWithCrds: Readonly<Record<string, string>> = { 'rook-ceph-cluster': 'rook-ceph' };

/** A chart with a later version than the chart that installs its CRDs. */
export const chartAheadOfCrds: Check = {
  id: 'chart-ahead-of-crds',
  severity: 'error',
  set: 'general',
  why: 'The API server drops or rejects fields that the older CRDs do not have.',
  *run(tree) {
    for (const cluster of tree.clusters) {
      const versions = [...chartVersions(cluster)];
      for (const user of versions) {
        const owners = versions.filter(({ chart }) => chart === chartsWithCrds[user.chart]);
        for (const owner of owners) {
          const difference = laterMinor(user.version, owner.version);
          if (difference !== undefined) yield { places: 1 };
          if (difference !== true) continue;
          yield {
            at: placesOf(tree, cluster, { ...user, value: user.version })[0] ?? locate(tree, user.object, user.path),
            object: describeObject(user.object.object),
            what: `chart ${user.chart} is ${user.version}, but ${owner.chart}, which installs its CRDs, is ${owner.version}`,
            todo: `upgrade ${owner.chart} first, or both together`,
            clusters: [cluster.name],
          };
        }
      }
    }
  },
};

/** Whether the first version has a later minor than the second; undefined if one is not an exact version. */
function laterMinor(first: string, second: string): boolean | undefined {
  const [a, b] = [parseVersion(first), parseVersion(second)];
  if (a === undefined || b === undefined) return undefined;
  return a.major > b.major || (a.major === b.major && a.minor > b.minor);
}
