import { specOf } from '../../kubernetesObject';
import type { TreeCluster, TreeObject } from '../../tree';
import { about } from '../about';
import type { Check, RawFinding } from '../check';
import { declaredKustomizations } from '../structure/dependencies';
import { type Bringer, bringersOf } from './crdOwners';
import { fluxInstances } from './fluxInstance';

/** CustomResourceDefinitions that two things bring. */
export const crdOwnedTwice: Check = {
  id: 'crd-owned-twice',
  severity: 'error',
  set: 'platform',
  why: 'Two owners put two versions of one definition over each other, and removing one takes all objects of the other.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const seen = new Set<TreeObject>();
      for (const [group, bringers] of [...bringersOf(cluster)].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const [first, ...others] = bringers;
        for (const { by } of others) {
          if (first === undefined || by === first.by || seen.has(by)) continue;
          seen.add(by);
          const what = `brings the definitions of ${group}, which ${nameOf(first)} brings, too`;
          yield about(tree, cluster, by, [], what, 'leave them to one of the two: switch them off in the other');
        }
      }
    }
  },
};

function nameOf({ by }: Bringer): string {
  return `${by.object.kind} ${by.object.metadata.namespace ?? ''}/${by.object.metadata.name}`.replace(' /', ' ');
}

/** A Kustomization that takes definitions, or the network, away when it goes. */
export const crdPrunable: Check = {
  id: 'crd-prunable',
  severity: 'error',
  set: 'platform',
  why: 'Pruning a definition deletes every object of its kind, and pruning Cilium cuts the network.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const bringers = [...bringersOf(cluster).values()].flat();
      for (const [kustomization, object] of declaredKustomizations(cluster)) {
        const bringer = bringers.find((one) => one.kustomization === kustomization.id);
        const why = bringer === undefined ? fluxCrds(cluster, kustomization.id) : nameOf(bringer);
        if (why === undefined) continue;
        const spec = specOf(kustomization.object);
        const policy = spec['deletionPolicy'];
        const deletes = policy === 'Delete' || policy === 'WaitForTermination';
        if (spec['prune'] !== true && !deletes) continue;
        const field = deletes ? 'deletionPolicy' : 'prune';
        const what = `brings definitions (${why}) and has spec.${field}: ${JSON.stringify(spec[field])}`;
        const todo = deletes
          ? 'remove spec.deletionPolicy'
          : 'set spec.prune to false, by the label that the defaults look for';
        yield about(tree, cluster, object, ['spec', field], what, todo);
      }
    }
  },
};

/** The FluxInstance of a Kustomization: it brings the definitions of Flux itself. */
function fluxCrds(cluster: TreeCluster, id: string): string | undefined {
  const instance = fluxInstances(cluster).find(({ from }) => from.kustomization === id);
  return instance === undefined ? undefined : `those of Flux, by ${instance.from.object.metadata.name}`;
}
