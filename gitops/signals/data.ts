import { show } from '../checks/finding';
import { kindOf } from '../checks/facts/references';
import { type Json, listOf, specOf, textOf, valueAt } from '../kubernetesObject';
import type { TreeObject } from '../tree';
import { type ClusterChange, changed, removed } from './clusterChange';
import { fateOf } from './fate';
import type { Found, SignalRule } from './signal';
import { sizeOfDataRules } from './sizeOfData';
import { backupKinds, dataKinds } from './storageFields';

const leaves = (change: ClusterChange): TreeObject[] =>
  removed(change).filter((object) => fateOf(change, object).deleted);

/** How Flux or Helm makes an object go, for messages. */
const goes = ({ release }: TreeObject): string =>
  release === undefined ? 'leaves Git, and Flux deletes it' : 'leaves the chart, and Helm deletes it';

/** Whether the class of a claim keeps the volume; `unknown` if the class is not in the trees. */
function reclaimOf({ before, pairs }: ClusterChange, name: Json | undefined): 'Retain' | 'Delete' | 'unknown' {
  if (typeof name !== 'string') return 'unknown';
  const found = [...pairs.flatMap((pair) => pair.before ?? []), ...before.objects].find(
    ({ object }) => object.kind === 'StorageClass' && object.metadata.name === name,
  );
  if (found === undefined) return 'unknown';
  return found.object['reclaimPolicy'] === 'Retain' ? 'Retain' : 'Delete';
}

const volumeDeleted: SignalRule = {
  id: 'volume-deleted',
  severity: 'danger',
  when: 'a PersistentVolumeClaim leaves Git or a chart and is deleted, or a StatefulSet that deletes its claims is',
  why: 'the volume and its data go with the claim, unless its StorageClass retains volumes',
  todo: 'take a backup first, or keep the claim: annotate it with kustomize.toolkit.fluxcd.io/prune: disabled in a commit before',
  *find(change): Generator<Found> {
    for (const object of leaves(change)) {
      const kind = kindOf(object);
      if (kind === '/PersistentVolumeClaim') {
        const className = specOf(object.object)['storageClassName'];
        if (reclaimOf(change, className) !== 'Retain') yield { at: object, what: goes(object) };
      } else if (kind === 'apps/StatefulSet') {
        const policy = valueAt(specOf(object.object), 'persistentVolumeClaimRetentionPolicy', 'whenDeleted');
        const what = `${goes(object)} with its claims (persistentVolumeClaimRetentionPolicy)`;
        if (policy === 'Delete') yield { at: object, what };
      }
    }
  },
};

const dataDeleted: SignalRule = {
  id: 'data-deleted',
  severity: 'danger',
  when: 'a database, pool, topic or bucket (CloudNativePG, Rook, Strimzi, Dragonfly) leaves Git and is deleted',
  why: 'its operator deletes the data that it holds',
  todo: 'take a backup first, or keep it: annotate it with kustomize.toolkit.fluxcd.io/prune: disabled in a commit before',
  *find(change): Generator<Found> {
    for (const object of leaves(change)) if (dataKinds.has(kindOf(object))) yield { at: object, what: goes(object) };
  },
};

const crdDeleted: SignalRule = {
  id: 'crd-deleted',
  severity: 'danger',
  when: 'a CustomResourceDefinition leaves Git or a chart and is deleted',
  why: 'Kubernetes deletes every object of its kind, in all namespaces',
  todo: 'make sure that no object of the kind is left, or keep the CRD: prune: disabled, or helm.sh/resource-policy: keep',
  *find(change): Generator<Found> {
    for (const object of leaves(change)) {
      if (kindOf(object) === 'apiextensions.k8s.io/CustomResourceDefinition') yield { at: object, what: goes(object) };
    }
  },
};

const served = (crd: TreeObject): string[] =>
  listOf(specOf(crd.object)['versions']).flatMap((version) =>
    valueAt(version, 'served') === false ? [] : [textOf(valueAt(version, 'name'))],
  );

const crdVersionGone: SignalRule = {
  id: 'crd-version-gone',
  severity: 'warning',
  when: 'a CustomResourceDefinition no longer serves a version',
  why: 'what is written for that version is refused, and an API server that still lists it as stored refuses the CRD',
  todo: 'move every manifest to a version that stays, and migrate the stored objects first',
  *find(change): Generator<Found> {
    for (const { before, after } of changed(change)) {
      if (kindOf(after) !== 'apiextensions.k8s.io/CustomResourceDefinition') continue;
      const gone = served(before).filter((version) => !served(after).includes(version));
      if (gone.length > 0) yield { at: after, path: ['spec', 'versions'], what: `stops serving ${gone.join(', ')}` };
    }
  },
};

const namespaceDeleted: SignalRule = {
  id: 'namespace-deleted',
  severity: 'danger',
  when: 'a Namespace leaves Git and is deleted',
  why: 'Kubernetes deletes everything in it, also what Git never knew: volumes, secrets, what operators made',
  todo: 'look what is in it, or keep it: annotate it with kustomize.toolkit.fluxcd.io/prune: disabled in a commit before',
  *find(change): Generator<Found> {
    for (const object of leaves(change)) if (kindOf(object) === '/Namespace') yield { at: object, what: goes(object) };
  },
};

const reclaimDeletes: SignalRule = {
  id: 'reclaim-policy-deletes',
  severity: 'danger',
  when: 'a StorageClass or PersistentVolume stops retaining volumes',
  why: 'from then on the data of a deleted claim is deleted with it',
  todo: 'keep reclaimPolicy: Retain where the data has no backup',
  *find(change): Generator<Found> {
    for (const { before, after } of changed(change)) {
      const kind = kindOf(after);
      const field =
        kind === 'storage.k8s.io/StorageClass'
          ? ['reclaimPolicy']
          : kind === '/PersistentVolume'
            ? ['spec', 'persistentVolumeReclaimPolicy']
            : undefined;
      if (field === undefined || valueAt(before.object, ...field) !== 'Retain') continue;
      const now = valueAt(after.object, ...field) ?? 'Delete';
      if (now !== 'Retain')
        yield { at: after, path: field, what: `${field.join('.')} goes from Retain to ${show(now)}` };
    }
  },
};

const storageClassDeleted: SignalRule = {
  id: 'storage-class-deleted',
  severity: 'danger',
  when: 'a StorageClass leaves Git or a chart and is deleted',
  why: 'existing volumes stay, but none can be made, grown or restored with the class any more',
  todo: 'move every claim and volume template to another class first',
  *find(change): Generator<Found> {
    for (const object of leaves(change)) {
      if (kindOf(object) === 'storage.k8s.io/StorageClass') yield { at: object, what: goes(object) };
    }
  },
};

const backupGone: SignalRule = {
  id: 'backup-gone',
  severity: 'warning',
  when: 'a backup (VolSync, CloudNativePG, Velero) is deleted or paused while what it backs up stays',
  why: 'nothing fails, and the next restore finds old data or none',
  todo: 'make sure that something else backs the data up',
  *find(change): Generator<Found> {
    for (const object of leaves(change)) {
      // An app that goes as a whole takes its backups with it.
      const stays = change.after.kustomizations.some(({ id }) => id === object.kustomization);
      if (stays && backupKinds.has(kindOf(object))) yield { at: object, what: goes(object) };
    }
    for (const { before, after } of changed(change)) {
      const field = backupKinds.get(kindOf(after)) ?? '';
      if (field === '' || specOf(after.object)[field] !== true || specOf(before.object)[field] === true) continue;
      yield { at: after, path: ['spec', field], what: `spec.${field} becomes true: no more backups are made` };
    }
  },
};

/** Signals about data at risk. */
export const dataRules: readonly SignalRule[] = [
  volumeDeleted,
  dataDeleted,
  crdDeleted,
  namespaceDeleted,
  ...sizeOfDataRules,
  reclaimDeletes,
  storageClassDeleted,
  crdVersionGone,
  backupGone,
];
