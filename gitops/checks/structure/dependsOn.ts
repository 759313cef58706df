import { type KubernetesObject, groupOf } from '../../kubernetesObject';
import type { TreeCluster } from '../../tree';
import { isComplete } from '../../tree';
import { about } from '../about';
import type { Check, RawFinding } from '../check';
import { findCycles } from './cycles';
import { dependsOn, mayHoldMore } from './dependencies';

/** Kinds that wait for others of their kind. */
const waiting: readonly { kind: string; group: string }[] = [
  { kind: 'Kustomization', group: 'kustomize.toolkit.fluxcd.io' },
  { kind: 'HelmRelease', group: 'helm.toolkit.fluxcd.io' },
];

const idOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

function objectsOf(cluster: TreeCluster, { kind, group }: { kind: string; group: string }): TreeCluster['objects'] {
  return cluster.objects.filter(({ object }) => object.kind === kind && groupOf(object) === group);
}

/** A dependency that is not there makes its object wait for ever. */
export const dependsOnNothing: Check = {
  id: 'depends-on-nothing',
  severity: 'error',
  set: 'general',
  why: 'Flux waits for ever for a dependency that does not exist, and applies nothing of what waits.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      if (!isComplete(cluster) || (tree.program === undefined && mayHoldMore(cluster))) continue;
      for (const kind of waiting) {
        const objects = objectsOf(cluster, kind);
        const known = new Set(objects.map(({ object }) => idOf(object)));
        // The entry point's own Kustomization is made by whoever installs Flux.
        if (kind.kind === 'Kustomization') for (const { id } of cluster.kustomizations) known.add(id);
        for (const one of objects) {
          for (const { id, index } of dependsOn(one.object).filter((entry) => !known.has(entry.id))) {
            const what = `depends on ${kind.kind} ${id}, which this cluster does not have`;
            const todo = `correct the name, or declare ${id}`;
            yield about(tree, cluster, one, ['spec', 'dependsOn', index, 'name'], what, todo);
          }
        }
      }
    }
  },
};

/** Objects that wait for each other. */
export const dependencyCycle: Check = {
  id: 'dependency-cycle',
  severity: 'error',
  set: 'general',
  why: 'Objects that wait for each other are never applied.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const kind of waiting) {
        const objects = objectsOf(cluster, kind);
        const byId = new Map(objects.map((one) => [idOf(one.object), one]));
        const graph = new Map(objects.map(({ object }) => [idOf(object), dependsOn(object).map(({ id }) => id)]));
        for (const cycle of findCycles(graph)) {
          const [first = '', second = first] = cycle;
          const one = byId.get(first);
          if (one === undefined) continue;
          const index = dependsOn(one.object).find(({ id }) => id === second)?.index ?? 0;
          const what = `waits for itself: ${[...cycle, first].join(' → ')}`;
          yield about(tree, cluster, one, ['spec', 'dependsOn', index, 'name'], what, 'cut one of these dependencies');
        }
      }
    }
  },
};
