import { commitOf, sourceOf } from '../../../gitops/drift/fluxStates';
import { durationSeconds } from '../../../gitops/duration';
import { type KubernetesObject, describeObject, specOf, textOf, valueAt } from '../../../gitops/kubernetesObject';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from '../../../clients/kubernetes/client';
import type { Drift } from '../drift';
import { reconcileFix } from '../kubernetes/fixes';
import type { Unknowns } from '../kubernetes/findings';
import { isKnown } from '../known';
import { type FluxObjects, fluxPath, ofKind, type Pace } from './fluxObjects';
import type { SourceTrees } from './sourceTrees';
import { commandName } from './states';

/**
 * The Git sources whose branch has a newer commit than Flux fetched: a source is given the time until it would look again, within
 * what the run may wait.
 */
export async function sourcesBehind(
  objects: FluxObjects,
  trees: SourceTrees,
  api: KubernetesClient,
  unknowns: Unknowns,
  pace: Pace,
): Promise<Drift[]> {
  const ready = ofKind(objects, 'GitRepository').filter(({ state }) => state.is === 'ready');
  const found = await Promise.all(ready.map(({ object }) => sourceBehind(object, trees, api, unknowns, pace)));
  return found.flat();
}

async function sourceBehind(
  source: KubernetesObject,
  trees: SourceTrees,
  api: KubernetesClient,
  unknowns: Unknowns,
  { waitSeconds, pollMilliseconds, signal, note }: Pace,
): Promise<Drift[]> {
  const name = describeObject(source);
  const path = fluxPath(source) ?? '';
  const interval = durationSeconds(specOf(source)['interval']) ?? 60;
  const until = performance.now() + Math.min(waitSeconds, interval * 1.5) * 1000;
  for (let said = false; ; said = true) {
    const tip = await trees.tipOf(source);
    if (tip === undefined) return [];
    if (!isKnown(tip)) {
      unknowns.add(name, `whether Git has something newer: ${tip.why}`, tip.todo);
      return [];
    }
    const now = (await api.get<KubernetesObject>(path)) ?? source;
    const fetched = textOf(valueAt(now, 'status', 'artifact', 'revision'));
    if (commitOf(fetched) === tip.value) return [];
    if (performance.now() + pollMilliseconds < until) {
      if (!said) note(`waits for ${name}: Git has something newer`);
      await sleep(pollMilliseconds, undefined, { signal });
      continue;
    }
    const fix = reconcileFix(source);
    return [
      {
        ...{ id: 'flux-behind', layer: 'flux', owner: 'Flux', object: name, field: 'status.artifact.revision' },
        wanted: tip.value,
        found: fetched,
        todo: `reconcile it: flux reconcile ${commandName(source)}`,
        ...(fix && { fix }),
      },
    ];
  }
}

/** The Kustomizations that are ready, and have not applied what their source has. */
export function kustomizationsBehind(objects: FluxObjects): Drift[] {
  const sources = new Map(objects.all.map(({ object }) => [describeObject(object), object]));
  return ofKind(objects, 'Kustomization').flatMap(({ object, state }): Drift[] => {
    const reference = sourceOf(object);
    if (state.is !== 'ready' || reference === undefined) return [];
    const source = sources.get(`${reference.kind} ${reference.namespace}/${reference.name}`);
    const wanted = textOf(valueAt(source, 'status', 'artifact', 'revision'));
    const found = textOf(valueAt(object, 'status', 'lastAppliedRevision'));
    if (wanted === '' || wanted === found) return [];
    const fix = reconcileFix(object);
    return [
      {
        ...{ id: 'flux-behind', layer: 'flux', owner: 'Flux', object: describeObject(object) },
        ...{ field: 'status.lastAppliedRevision', wanted, found },
        todo: `reconcile it: flux reconcile ${commandName(object)}`,
        ...(fix && { fix }),
      },
    ];
  });
}
