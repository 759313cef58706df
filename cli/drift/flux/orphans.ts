import type { KubernetesClient } from '../../../clients/kubernetes/client';
import { idOf, inventoryOf, nameOfId, orphansOf } from '../../../gitops/drift/inventory';
import { describeObject, listOf, valueAt } from '../../../gitops/kubernetesObject';
import { ownerOf } from '../appliedBy';
import type { Drift } from '../drift';
import type { Unknowns } from '../kubernetes/findings';
import { listOwned } from '../kubernetes/listOwned';
import type { FluxObjects } from './fluxObjects';

// What a person would write into Git; the others are made by controllers.
const authored = new Set([
  'Kustomization',
  'HelmRelease',
  'GitRepository',
  'OCIRepository',
  'HelmRepository',
  'Bucket',
]);

/** What no one owns any more: objects that Git no longer holds and no one pruned, and objects of Flux that Git never had. */
export async function orphanFindings(
  { all }: FluxObjects,
  api: KubernetesClient,
  unknowns: Unknowns,
): Promise<Drift[]> {
  const held = new Set(all.flatMap(({ object }) => inventoryOf(object)));
  const existing = new Set(all.map(({ object }) => describeObject(object)));
  const orphans = orphansOf(await listOwned(api, unknowns), held, existing).map(
    ({ object, owner, ownerExists, isKept }): Drift => {
      const { group, kind, namespace, name } = object;
      const labelled = `its labels name ${owner}, which ${ownerExists ? 'does not hold it' : 'does not exist'}`;
      return {
        ...{ id: 'flux-orphan', layer: 'flux', owner },
        object: nameOfId([group, kind, namespace, name].join('|')),
        found: 'present',
        why: isKept ? `${labelled}; it is marked as one that Flux may not prune` : labelled,
        todo: 'delete it, take the labels off it, or put it back into Git',
      };
    },
  );
  const unowned = all.flatMap(({ object }): Drift[] => {
    const isOwned = listOf(valueAt(object.metadata, 'ownerReferences')).length > 0 || ownerOf(object) !== undefined;
    if (!authored.has(object.kind) || isOwned || held.has(idOf(object))) return [];
    return [
      {
        ...{ id: 'flux-not-in-git', layer: 'flux', owner: 'Git', object: describeObject(object), found: 'present' },
        why: 'someone made it in the cluster: Git does not have it',
        todo: 'delete it, or put it into Git',
      },
    ];
  });
  return [...orphans, ...unowned];
}
