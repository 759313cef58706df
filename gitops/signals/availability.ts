import { podsOf } from '../checks/facts/pods';
import { show } from '../checks/finding';
import { kindOf } from '../checks/facts/references';
import { type Json, isMap, specOf, valueAt } from '../kubernetesObject';
import type { TreeObject } from '../tree';
import { type ClusterChange, changed, kustomizationOf, removed } from './clusterChange';
import { fateOf } from './fate';
import { atPath, leavesOf, pathName, valuesPairs } from './leaves';
import type { Found, SignalRule } from './signal';

/** Whether an autoscaler sets the replicas of a workload after the change. */
function isScaled({ pairs }: ClusterChange, { object }: TreeObject): boolean {
  return pairs.some(({ after }) => {
    if (after === undefined || after.object.metadata.namespace !== object.metadata.namespace) return false;
    const kind = kindOf(after);
    if (kind !== 'autoscaling/HorizontalPodAutoscaler' && kind !== 'keda.sh/ScaledObject') return false;
    const target = specOf(after.object)['scaleTargetRef'];
    return (
      valueAt(target, 'name') === object.metadata.name && (valueAt(target, 'kind') ?? 'Deployment') === object.kind
    );
  });
}

/** Replica counts that go down: of workloads, and in chart values. */
function* fewer(change: ClusterChange): Generator<Found & { now: number }> {
  for (const { before, after } of changed(change)) {
    const [old, now] = [podsOf(before.object)?.replicas, podsOf(after.object)?.replicas];
    if (old === undefined || now === undefined || now >= old || isScaled(change, after)) continue;
    yield { at: after, path: ['spec', 'replicas'], what: `replicas go down from ${old} to ${now}`, now };
  }
  for (const { at, before, after } of valuesPairs(change)) {
    for (const { path, value } of leavesOf(before)) {
      if (!/^(replicas|replicaCount)$/.test(String(path.at(-1))) || typeof value !== 'number') continue;
      const now = atPath(after, path);
      if (typeof now !== 'number' || now >= value) continue;
      const full = ['spec', 'values', ...path];
      yield { at, path: full, what: `${pathName(full)} goes down from ${value} to ${now}`, now };
    }
  }
}

const scaledToZero: SignalRule = {
  id: 'scaled-to-zero',
  severity: 'danger',
  when: 'the replicas of a workload go to 0; also in chart values',
  why: 'nothing of it runs any more',
  todo: 'make sure that it is meant to stop',
  *find(change): Generator<Found> {
    for (const { now, ...found } of fewer(change)) if (now === 0) yield found;
  },
};

const replicasFewer: SignalRule = {
  id: 'replicas-fewer',
  severity: 'warning',
  when: 'the replicas of a workload go down, and no autoscaler sets them; also in chart values',
  why: 'less capacity is left, and with one replica every restart and every drained node is an outage',
  todo: 'make sure that the rest carries the load, also while a node is drained',
  *find(change): Generator<Found> {
    for (const { now, ...found } of fewer(change)) if (now !== 0) yield found;
  },
};

/** How many pods a budget keeps; higher is stricter. Percentages and numbers do not compare. */
function strictness(budget: TreeObject): { field: string; value: number; percent: boolean } | undefined {
  for (const field of ['minAvailable', 'maxUnavailable']) {
    const value = specOf(budget.object)[field];
    const number = Number(show(value).replace(/%$/, ''));
    if (value === undefined || Number.isNaN(number)) continue;
    return { field, value: field === 'minAvailable' ? number : -number, percent: show(value).endsWith('%') };
  }
  return undefined;
}

const budgetGone: SignalRule = {
  id: 'budget-gone',
  severity: 'warning',
  when: 'a PodDisruptionBudget is deleted while its pods stay, or allows more pods to be down',
  why: 'draining nodes, as an upgrade of Talos does, may stop more of its pods together',
  todo: 'keep a budget that leaves enough pods',
  *find(change): Generator<Found> {
    for (const object of removed(change)) {
      if (kindOf(object) !== 'policy/PodDisruptionBudget' || !fateOf(change, object).deleted) continue;
      // An app that goes as a whole needs none.
      const owner = kustomizationOf(change.after, object.kustomization);
      if (owner !== undefined && hasWorkload(change, object)) yield { at: object, what: 'is deleted' };
    }
    for (const { before, after } of changed(change)) {
      if (kindOf(after) !== 'policy/PodDisruptionBudget') continue;
      const [old, now] = [strictness(before), strictness(after)];
      if (old === undefined || now === undefined || old.field !== now.field || old.percent !== now.percent) continue;
      if (now.value >= old.value) continue;
      const [a, b] = [before, after].map(({ object }) => show(specOf(object)[now.field]));
      yield { at: after, path: ['spec', now.field], what: `${now.field} goes from ${a} to ${b}` };
    }
  },
};

/** Whether a workload or a release is left next to an object. */
function hasWorkload({ after, pairs }: ClusterChange, { kustomization, release, object }: TreeObject): boolean {
  const near = [...after.objects, ...pairs.flatMap((pair) => pair.after ?? [])];
  return near.some(
    (other) =>
      other.kustomization === kustomization &&
      (release === undefined || other.release === release) &&
      other.object.metadata.namespace === object.metadata.namespace &&
      (podsOf(other.object) !== undefined || other.object.kind === 'HelmRelease'),
  );
}

const probes = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** The probes that values switch on, by their path: `enabled: true`, or a map of a probe itself. */
function probesIn(value: Json | undefined, path: string[] = []): Map<string, string[]> {
  const found = new Map<string, string[]>();
  if (!isMap(value)) return found;
  for (const [key, item] of Object.entries(value)) {
    const at = [...path, key];
    const isProbe = /^(liveness|readiness|startup)(Probe)?$/.test(key);
    const isOn = isMap(item) && item['enabled'] !== false && Object.keys(item).length > 0;
    if (isProbe && isOn) found.set(pathName(at), at);
    if (!isProbe) for (const [name, below] of probesIn(item, at)) found.set(name, below);
  }
  return found;
}

const probeGone: SignalRule = {
  id: 'probe-gone',
  severity: 'warning',
  when: 'a container that stays loses a probe; also in chart values',
  why: 'Kubernetes sends traffic to pods that do not work, or does not restart those that hang; a rollout passes that should not',
  todo: 'keep a probe that fails when the app does',
  *find(change): Generator<Found> {
    for (const { before, after } of changed(change)) {
      const [old, now] = [podsOf(before.object), podsOf(after.object)];
      for (const container of now?.containers ?? []) {
        const was = old?.containers.find(({ name }) => name === container.name);
        const gone = probes.filter((probe) => was?.spec[probe] !== undefined && container.spec[probe] === undefined);
        const what = `container ${container.name} loses its ${gone.join(' and ')}`;
        if (gone.length > 0) yield { at: after, path: container.path, what };
      }
    }
    for (const { at, before, after } of valuesPairs(change)) {
      const now = probesIn(after);
      for (const [name, path] of probesIn(before)) {
        if (now.has(name)) continue;
        // Of a container that goes, the probes go as well.
        const container = path.at(-2) === 'probes' ? path.slice(0, -2) : path.slice(0, -1);
        if (atPath(after, container) === undefined) continue;
        yield { at, path: ['spec', 'values', ...path], what: `spec.values.${name} is gone or switched off` };
      }
    }
  },
};

/** Signals about availability. */
export const availabilityRules: readonly SignalRule[] = [scaledToZero, replicasFewer, budgetGone, probeGone];
