import { type KubernetesObject, groupOf, listOf, specOf, valueAt } from '../../kubernetesObject';
import { type Tree, type TreeCluster, type TreeObject, isComplete } from '../../tree';
import { alsoMakesIn, mayComeFrom } from './chartContents';
import { type Chart, releases, targetNamespace } from './charts';
import { indexOf } from './clusterIndex';
import { mayHaveUnknownObjects } from './dependencies';
import { MadeObjects, mayMakeAnything } from './makers';
import { type Target, clusterScopedKinds } from './referenceTable';

/** Whether an object exists: in Git or in a rendered chart, made by something known, missing, or unknown, with the reason. */
export type Existence = { object: Pick<TreeObject, 'object'> } | 'made' | 'missing' | { unknown: string };

/**
 * Kinds that a repository of others has to declare itself. The rest may come with the distribution of Kubernetes, or be
 * made by hand: keys for SOPS, classes of k3s, Secrets of another tool.
 */
const declaredByOthers = /^(kustomize|helm|source|notification|image)\.toolkit\.fluxcd\.io\//;

/** Kinds that only a person or a chart makes: unknown operators do not. */
const neverByOperators =
  /\.toolkit\.fluxcd\.io\/|^(storage|scheduling|node|snapshot\.storage)\.k8s\.io\/|^cilium\.io\//;

interface Installed {
  release: TreeObject;
  chart: Chart;
  into: string;
  /** What the chart renders, if it was rendered. */
  rendered?: readonly KubernetesObject[];
}

function installedOn(tree: Tree, cluster: TreeCluster): Installed[] {
  return [...releases(cluster)].map(({ release, chart }) => ({
    release,
    chart,
    into: targetNamespace(release),
    rendered: tree.chartObjects?.get(release),
  }));
}

/** Why nothing on a cluster can be said to be missing. */
function whyUnknown(tree: Tree, cluster: TreeCluster): string | undefined {
  if (!isComplete(cluster)) return 'a Kustomization could not be rendered';
  if (cluster.kustomizations.some(({ skipped }) => skipped === 'suspended'))
    return 'a suspended Kustomization may hold it';
  const unknown = tree.program === undefined ? mayHaveUnknownObjects(cluster) : hasResourceSet(cluster);
  return unknown ? 'an external source or a ResourceSet may hold it' : undefined;
}

function hasResourceSet({ objects }: TreeCluster): boolean {
  return objects.some(({ object }) => object.kind === 'ResourceSet' && groupOf(object) === 'fluxcd.controlplane.io');
}

/** Whether an object is a policy of Kyverno that makes others. */
function generates(object: KubernetesObject): boolean {
  return (
    groupOf(object).endsWith('kyverno.io') &&
    (object.kind === 'GeneratingPolicy' ||
      listOf(specOf(object)['rules']).some((rule) => valueAt(rule, 'generate') !== undefined))
  );
}

function isSameGroup(found: string, wanted: string): boolean {
  // An ExternalArtifact has moved between two groups of Flux.
  return found === wanted || (wanted === 'source.toolkit.fluxcd.io' && found === 'source.extensions.fluxcd.io');
}

function isTarget(object: KubernetesObject, into: string, { kind, namespace, name }: Target): boolean {
  if (`${groupOf(object)}/${object.kind}` !== kind || object.metadata.name !== name) return false;
  return namespace === undefined || (object.metadata.namespace ?? into) === namespace;
}

const inventories = new WeakMap<TreeCluster, Inventory>();

/** The inventory of a cluster, built once. */
export function inventoryOf(tree: Tree, cluster: TreeCluster): Inventory {
  const inventory = inventories.get(cluster) ?? new Inventory(tree, cluster);
  inventories.set(cluster, inventory);
  return inventory;
}

/** Looks up objects of one cluster, wherever they come from. */
export class Inventory {
  private readonly made: MadeObjects;
  private readonly releases: Installed[];
  private readonly operated: Set<string>;
  private readonly byKind = new Map<string, readonly TreeObject[]>();
  /** Why nothing on the cluster can be said to be missing; undefined if Git shows everything. */
  readonly whyIncomplete: string | undefined;

  constructor(
    private readonly tree: Tree,
    private readonly cluster: TreeCluster,
  ) {
    this.made = new MadeObjects(tree, cluster);
    this.releases = installedOn(tree, cluster);
    this.operated = new Set(
      cluster.objects
        .filter(({ object }) => mayMakeAnything(object) || generates(object))
        .map(({ object }) => object.metadata.namespace ?? ''),
    );
    this.whyIncomplete = whyUnknown(tree, cluster);
  }

  /**
   * Whether a target exists, and the object if Git or a rendered chart shows it.
   * @param from the object that refers to it: a release cannot make what it needs itself
   */
  find(target: Target, from?: TreeObject): Existence {
    const object = this.declared(target) ?? this.rendered(target);
    if (object !== undefined) return { object };
    if (this.made.has(target)) return 'made';
    const reason = this.whyNotMissing(target, from);
    return reason === undefined ? 'missing' : { unknown: reason };
  }

  private whyNotMissing(target: Target, from: TreeObject | undefined): string | undefined {
    const { kind, namespace } = target;
    if (namespace === undefined && !clusterScopedKinds.has(kind)) return 'its namespace is not known here';
    if (this.whyIncomplete !== undefined) return this.whyIncomplete;
    const ours = this.tree.program !== undefined;
    if (!ours && !declaredByOthers.test(kind)) return 'it may exist without being in this repository';
    if (!neverByOperators.test(kind) && (this.operated.has(namespace ?? '') || this.operated.has(''))) {
      return 'an operator whose objects are not known may make it';
    }
    const fromChart = this.releases.some(({ release, chart, into, rendered }) => {
      if (release === from || rendered !== undefined) return false;
      if (namespace !== undefined && namespace !== into && !alsoMakesIn(chart, namespace)) return false;
      return mayComeFrom(release, chart, target);
    });
    return fromChart ? 'a chart may make it; --charts shows what it makes' : undefined;
  }

  private rendered(target: Target): Pick<TreeObject, 'object'> | undefined {
    for (const { into, rendered = [] } of this.releases) {
      const object = rendered.find((candidate) => isTarget(candidate, into, target));
      if (object !== undefined) return { object };
    }
    return undefined;
  }

  /** Objects of the tree of a kind, wherever they are. */
  ofKind(kind: string): readonly TreeObject[] {
    let found = this.byKind.get(kind);
    if (found === undefined) {
      found = this.cluster.objects.filter(({ object }) => `${groupOf(object)}/${object.kind}` === kind);
      this.byKind.set(kind, found);
    }
    return found;
  }

  /** The object of the tree that a target names. */
  declared({ kind, namespace = '', name }: Target): TreeObject | undefined {
    // kustomize gives objects of CRDs a namespace even if their kind has none.
    if (clusterScopedKinds.has(kind)) return this.ofKind(kind).find(({ object }) => object.metadata.name === name);
    const group = kind.slice(0, kind.lastIndexOf('/'));
    return indexOf(this.cluster)
      .objects(kind.slice(group.length + 1), namespace, name)
      .find(({ object }) => isSameGroup(groupOf(object), group));
  }
}
