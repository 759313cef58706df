import { isDeepStrictEqual } from 'node:util';
import { allPairs } from '../diff/allPairs';
import type { ObjectPair } from '../diff/pairObjects';
import { type Json, type KubernetesObject, groupOf, identityOf } from '../kubernetesObject';
import type { Tree, TreeCluster, TreeKustomization, TreeObject } from '../tree';

/** What a change does to one cluster that exists before and after. */
export interface ClusterChange {
  name: string;
  before: TreeCluster;
  after: TreeCluster;
  /** The trees, for the text of files. */
  trees: { before: Tree; after: Tree };
  /** Every object before and after, where both sides are known; with those of rendered charts. */
  pairs: readonly ObjectPair[];
  /** HelmReleases, as `namespace/name`, whose charts were rendered on both sides. */
  rendered: ReadonlySet<string>;
  /** The OpenAPI schema of an object's kind after the change; undefined if it is not known. */
  schemaOf(object: KubernetesObject): Json | undefined;
}

/** Finds the schema of a kind that no CRD in the trees declares. */
export type SchemaSource = (apiVersion: string, kind: string) => Json | undefined;

/** The change of a cluster, with the objects of charts where the trees have them. */
export function clusterChange(
  name: string,
  trees: { before: Tree; after: Tree },
  clusters: { before: TreeCluster; after: TreeCluster },
  foreignSchema: SchemaSource = () => undefined,
): ClusterChange {
  const { before, after } = clusters;
  const { pairs, rendered } = allPairs(trees, { before, after });
  return {
    name,
    before,
    after,
    trees,
    pairs,
    rendered,
    schemaOf: (object) => crdSchema(pairs, object) ?? foreignSchema(object.apiVersion, object.kind),
  };
}

function crdSchema(pairs: readonly ObjectPair[], object: KubernetesObject): Json | undefined {
  const [group, version] = [groupOf(object), object.apiVersion.split('/').at(-1)];
  for (const { after } of pairs) {
    if (after?.object.kind !== 'CustomResourceDefinition') continue;
    const spec = after.object['spec'] as
      | {
          group?: string;
          names?: { kind?: string };
          versions?: { name?: string; schema?: { openAPIV3Schema?: Json } }[];
        }
      | undefined;
    if (spec?.group !== group || spec.names?.kind !== object.kind) continue;
    return spec.versions?.find(({ name }) => name === version)?.schema?.openAPIV3Schema;
  }
  return undefined;
}

/** An object that exists before and after under the same name. */
export interface KeptPair {
  before: TreeObject;
  after: TreeObject;
}

/** The objects that exist before and after under the same name, and differ. */
export function* changed({ pairs }: ClusterChange): Generator<KeptPair> {
  for (const { before, after } of pairs) {
    if (before === undefined || after === undefined) continue;
    if (identityOf(before.object) !== identityOf(after.object)) continue;
    if (!isDeepStrictEqual(before.object, after.object)) yield { before, after };
  }
}

/** The objects that leave Git, or a chart. */
export function removed({ pairs }: ClusterChange): TreeObject[] {
  return pairs.flatMap(({ before, after }) => (before !== undefined && after === undefined ? [before] : []));
}

/** The objects after the change, each with what it was before, if it existed: those that are new or differ. */
export function* newOrChanged({ pairs }: ClusterChange): Generator<{ before?: TreeObject; after: TreeObject }> {
  for (const { before, after } of pairs) {
    if (after === undefined || (before !== undefined && isDeepStrictEqual(before.object, after.object))) continue;
    yield before === undefined ? { after } : { before, after };
  }
}

/** A cluster's Kustomization by id. */
export function kustomizationOf(cluster: TreeCluster, id: string): TreeKustomization | undefined {
  return cluster.kustomizations.find((candidate) => candidate.id === id);
}

/** A Kustomization as an object of the cluster; the entry point, which Git does not declare, with its own id as its owner. */
export function kustomizationObject(cluster: TreeCluster, kustomization: TreeKustomization): TreeObject {
  const declared = cluster.objects.find(
    ({ object, kustomization: owner }) =>
      owner === kustomization.parent && identityOf(object) === identityOf(kustomization.object),
  );
  const { object, parent, id, file } = kustomization;
  return declared ?? { kustomization: parent ?? id, object, file, generated: false, variables: [] };
}
