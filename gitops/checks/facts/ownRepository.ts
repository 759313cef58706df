import { type JsonMap, isMap, specOf, valueAt } from '../../kubernetesObject';
import type { TreeCluster } from '../../tree';
import { isSource } from './charts';
import { indexOf } from './clusterIndex';
import { fluxInstances } from './fluxInstance';

/** A reference to a source, with its namespace resolved. */
export interface SourceReference {
  kind: string;
  namespace: string;
  name: string;
}

const keyOf = ({ kind, namespace, name }: SourceReference): string => `${kind} ${namespace}/${name}`;

/** Reads a reference to a source; undefined if it has no kind or name. */
export function sourceReference(value: unknown, namespace: string, kind?: string): SourceReference | undefined {
  if (!isMap(value)) return undefined;
  const { kind: written = kind, name, namespace: other = namespace } = value;
  if (typeof written !== 'string' || typeof name !== 'string' || typeof other !== 'string') return undefined;
  return { kind: written, namespace: other, name };
}

/** Whether a source provides what is in this repository: its content can be looked up in the tree. */
export function isOwnRepository(cluster: TreeCluster, reference: SourceReference, branch?: string): boolean {
  const own = ownSources(cluster);
  const origin = originOf(cluster, reference);
  const checkedOut = branch ?? origin?.branch;
  if (own.has(keyOf(reference))) return branch === undefined || branch === origin?.branch;
  if (origin === undefined || checkedOut === undefined) return false;
  return [...own.values()]
    .map((other) => originOf(cluster, other))
    .some((other) => other?.url === origin.url && other.branch === checkedOut);
}

/** The sources from which Kustomizations were rendered. An ExternalArtifact is a part of one under other paths. */
function ownSources(cluster: TreeCluster): Map<string, SourceReference> {
  const sources = new Map<string, SourceReference>();
  for (const { object, namespace, skipped } of cluster.kustomizations) {
    if (skipped === 'external' || skipped === 'suspended') continue;
    const reference = sourceReference(specOf(object)['sourceRef'], namespace);
    if (reference !== undefined && reference.kind !== 'ExternalArtifact') sources.set(keyOf(reference), reference);
  }
  return sources;
}

/** The URL and branch of a GitRepository: one in Git, or the one that FluxInstance creates. */
function originOf(cluster: TreeCluster, reference: SourceReference): { url: string; branch?: string } | undefined {
  if (reference.kind !== 'GitRepository') return undefined;
  const { kind, namespace, name } = reference;
  const declared = indexOf(cluster)
    .objects(kind, namespace, name)
    .find(({ object }) => isSource(object, kind));
  if (declared !== undefined) {
    const spec = specOf(declared.object);
    return readOrigin(spec['url'], valueAt(spec, 'ref', 'branch'), spec);
  }
  for (const instance of fluxInstances(cluster)) {
    const sync = instance.spec['sync'];
    if (instance.namespace !== namespace || !isMap(sync) || (sync['name'] ?? namespace) !== name) continue;
    const ref = typeof sync['ref'] === 'string' ? sync['ref'] : '';
    return readOrigin(sync['url'], /^refs\/heads\/(.+)$/.exec(ref)?.[1], {});
  }
  return undefined;
}

function readOrigin(url: unknown, branch: unknown, spec: JsonMap): { url: string; branch?: string } | undefined {
  if (typeof url !== 'string' || spec['sparseCheckout'] !== undefined) return undefined;
  return { url, branch: typeof branch === 'string' ? branch : undefined };
}
