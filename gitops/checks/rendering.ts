import { groupOf } from '../kubernetesObject';
import { sourcesOf } from '../sources';
import type { Tree, TreeCluster } from '../tree';
import type { Check, RawFinding, RawNotChecked } from './check';
import { declaredKustomizations } from './facts/dependencies';
import { notCheckedAt } from './finding';

/** From how many manifests on a repository counts as full, if an entry point renders little of it. */
const many = 10;

/** An entry point that renders little or nothing of a full repository: what is not rendered is not checked. */
export const entryRendersLittle: Check = {
  id: 'entry-renders-little',
  severity: 'error',
  set: 'general',
  why: 'What is not rendered is not checked, so that no finding says nothing.',
  *run(tree): Generator<RawFinding | RawNotChecked> {
    for (const cluster of tree.clusters) {
      yield* notLookedAt(cluster);
      const what = elsewhere(tree, cluster) ?? little(tree, cluster);
      if (what === undefined) continue;
      const [entry] = cluster.kustomizations;
      yield {
        at: { file: entry?.file ?? cluster.entry, line: 1 },
        object: `Kustomization ${entry?.id ?? cluster.name}`,
        what,
        todo: 'pass the folder that Flux starts from as --entry and the root of its source as --root',
        clusters: [cluster.name],
      };
    }
  },
};

/** What Git declares without showing its content. */
function* notLookedAt(cluster: TreeCluster): Generator<RawNotChecked> {
  for (const [{ id, skipped }, object] of declaredKustomizations(cluster)) {
    if (skipped !== 'external') continue;
    yield notCheckedAt(
      cluster,
      object,
      ['spec', 'sourceRef'],
      'the source is not this repository',
      `what ${id} applies`,
    );
  }
  for (const object of cluster.objects) {
    const { kind, metadata } = object.object;
    if (groupOf(object.object) !== 'fluxcd.controlplane.io' || kind !== 'ResourceSet') continue;
    yield notCheckedAt(cluster, object, [], 'ResourceSets are not expanded', `what ${metadata.name} creates`);
  }
}

/** Most Kustomizations have another source, but their folders are here: the source is probably this repository. */
function elsewhere(tree: Tree, cluster: TreeCluster): string | undefined {
  const declared = declaredKustomizations(cluster).map(([kustomization]) => kustomization);
  const external = declared.filter(
    ({ skipped, path }) =>
      skipped === 'external' && path !== '' && tree.files.some((file) => file.startsWith(`${path}/`)),
  );
  if (external.length === 0 || external.length * 2 < declared.length) return undefined;
  return (
    `${external.length} of ${declared.length} Kustomizations were not rendered, because their sources are not known to be ` +
    'this repository, although it has the folders they name'
  );
}

/** The entry point declares no Kustomization and applies next to nothing, but there are manifests around it. */
function little(tree: Tree, cluster: TreeCluster): string | undefined {
  if (
    declaredKustomizations(cluster).length > 0 ||
    cluster.kustomizations.some(({ skipped }) => skipped === 'failed')
  ) {
    return undefined;
  }
  const read = new Set(tree.clusters.flatMap(({ kustomizations }) => kustomizations.flatMap(({ files }) => files)));
  const count = cluster.objects.length;
  let unread = 0;
  for (const file of tree.files) {
    if (!/\.ya?ml$/.test(file) || read.has(file)) continue;
    unread += sourcesOf(tree)
      .lines(file)
      .filter((line) => line.startsWith('apiVersion:')).length;
  }
  if (unread < many || count * 20 > unread) return undefined;
  return `renders ${count === 0 ? 'nothing' : `only ${count} objects`}, while the repository has ${unread} other manifests`;
}
