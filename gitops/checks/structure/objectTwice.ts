import { identityOf, specOf, valueAt } from '../../kubernetesObject';
import type { TreeCluster, TreeKustomization, TreeObject } from '../../tree';
import { about } from '../about';
import type { Check, RawFinding } from '../check';
import { isKustomization } from './dependencies';

/** Whether Flux is told, on the object, not to own it like any other. */
function isShared({ object }: TreeObject): boolean {
  const annotation = (name: string): string => {
    const value = valueAt(object.metadata, 'annotations', `kustomize.toolkit.fluxcd.io/${name}`);
    return typeof value === 'string' ? value.toLowerCase() : '';
  };
  return ['merge', 'ifnotpresent', 'ignore'].includes(annotation('ssa')) || annotation('reconcile') === 'disabled';
}

/** Who applies what a Kustomization renders, and to which cluster. */
function ownerOf(cluster: TreeCluster, kustomization: TreeKustomization): string {
  const [entry] = cluster.kustomizations;
  // Whoever declares the entry point's own Kustomization in Git names the folder that Flux starts at.
  return kustomization.path === entry?.path && kustomization.skipped === undefined ? entry.id : kustomization.id;
}

/** One object that two Kustomizations of a cluster apply. */
export const objectTwice: Check = {
  id: 'object-twice',
  severity: 'error',
  set: 'general',
  why: 'Two owners overwrite each other, and when one of them goes, its pruning deletes the object of the other.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const byId = new Map(cluster.kustomizations.map((kustomization) => [kustomization.id, kustomization]));
      const first = new Map<string, { object: TreeObject; owner: string }>();
      for (const object of cluster.objects) {
        const kustomization = byId.get(object.kustomization);
        if (kustomization === undefined || kustomization.skipped === 'suspended' || isShared(object)) continue;
        // The renderer reports a Kustomization that is declared twice.
        if (isKustomization(object.object)) continue;
        const remote = JSON.stringify(specOf(kustomization.object)['kubeConfig'] ?? '');
        const identity = `${identityOf(object.object)}|${remote}`;
        const owner = ownerOf(cluster, kustomization);
        const other = first.get(identity);
        if (other === undefined) first.set(identity, { object, owner });
        else if (other.owner !== owner) {
          const what = `is applied by Kustomization ${owner} and by ${other.owner} (${other.object.file})`;
          yield about(tree, cluster, object, [], what, 'keep it in one of the two');
        }
      }
    }
  },
};
