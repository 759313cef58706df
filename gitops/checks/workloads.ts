import { type Json, type KubernetesObject, groupOf, isMap, specOf, valueAt } from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import type { Check, RawFinding, WorkloadProblem, WorkloadRule } from './check';
import { type PodSecurityLevel, levelOf, podsOf, selects } from './facts/pods';
import { eachObject, findingAt, show } from './finding';
import {
  workloadHostPath,
  workloadMayBeRoot,
  workloadNotRestricted,
  workloadPrivileged,
  workloadRootWritable,
} from './podSecurity';

function isSet(resources: Json | undefined, resource: string): boolean {
  // A limit without a request also sets the request.
  return ['requests', 'limits'].some((field) => valueAt(resources, field, resource) !== undefined);
}

/** Containers without resource requests. */
const workloadWithoutRequests: WorkloadRule = {
  id: 'workload-without-requests',
  severity: 'error',
  why: 'The scheduler places pods without requests on full nodes, where they are the first to be killed.',
  todo: 'set resources.requests of cpu and memory to what it uses',
  *find({ containers, spec }): Generator<WorkloadProblem> {
    for (const { path, name, spec: container } of containers) {
      const resources = container['resources'];
      const missing = ['cpu', 'memory'].filter(
        (resource) => !isSet(resources, resource) && !isSet(spec['resources'], resource),
      );
      if (missing.length === 0) continue;
      yield {
        path: [...path, ...(isMap(resources) ? ['resources'] : [])],
        what: `container ${name} has no ${missing.join(' and no ')} request`,
      };
    }
  },
};

/** Containers whose health Kubernetes cannot check. */
const workloadWithoutProbe: WorkloadRule = {
  id: 'workload-without-probe',
  severity: 'error',
  why: 'Without a liveness probe a hung process keeps running; without a readiness probe a pod receives traffic before it can serve it.',
  todo: 'add the probe; if the app has nothing to probe, add a row to EXCEPTIONS.md that says so',
  *find({ containers, longRunning }): Generator<WorkloadProblem> {
    if (!longRunning) return;
    for (const { path, name, spec, isInit } of containers) {
      if (isInit) continue;
      const ports = spec['ports'];
      const listens = Array.isArray(ports) && ports.length > 0;
      const wanted = ['livenessProbe', ...(listens ? ['readinessProbe'] : [])];
      const missing = wanted.filter((probe) => spec[probe] === undefined);
      if (missing.length > 0) yield { path, what: `container ${name} has no ${missing.join(' and no ')}` };
    }
  },
};

/** The tag of an image; undefined if it has none, `@` if it is pinned by digest. */
export function tagOf(image: string): string | undefined {
  if (image.includes('@')) return '@';
  const last = image.slice(image.lastIndexOf('/') + 1);
  const colon = last.indexOf(':');
  return colon < 0 ? undefined : last.slice(colon + 1);
}

/** Images that can change without a change in Git. */
const imageNotPinned: WorkloadRule = {
  id: 'image-not-pinned',
  severity: 'error',
  why: 'What runs would depend on when a node pulled it, and there is no version to roll back to.',
  todo: 'set a version as the tag, or a digest',
  *find({ containers }): Generator<WorkloadProblem> {
    for (const { path, name, spec } of containers) {
      const { image } = spec;
      const tag = typeof image === 'string' ? tagOf(image) : '@';
      if (tag !== undefined && tag !== 'latest' && tag !== '') continue;
      yield { path: [...path, 'image'], what: `container ${name} runs ${show(image)}` };
    }
  },
};

/** Rules about the pods of one object. */
const workloadRules: readonly WorkloadRule[] = [
  workloadWithoutRequests,
  workloadWithoutProbe,
  workloadMayBeRoot,
  workloadRootWritable,
  workloadPrivileged,
  workloadHostPath,
  workloadNotRestricted,
  imageNotPinned,
];

/** A problem of a workload with everything that a finding needs except its location. */
export type WorkloadFinding = WorkloadProblem & Pick<WorkloadRule, 'id' | 'severity' | 'why' | 'todo'>;

/**
 * The problems of the pods that an object creates; empty if it creates none. Also used for objects that a chart renders.
 * @param level the Pod Security level of their namespace (`levelOf`)
 * @returns findings with paths relative to the object
 */
export function checkWorkload(object: KubernetesObject, level: PodSecurityLevel = 'privileged'): WorkloadFinding[] {
  const pods = podsOf(object);
  if (pods === undefined) return [];
  return workloadRules.flatMap(({ find, id, severity, why, todo }) =>
    [...find(pods, level)].map((problem) => ({ id, severity, why, todo, ...problem })),
  );
}

function toCheck({ id, severity, why, todo, find }: WorkloadRule): Check {
  return {
    id,
    severity,
    set: 'platform',
    why,
    *run(tree): Generator<RawFinding> {
      for (const [cluster, workload] of eachObject(tree)) {
        const pods = podsOf(workload.object);
        if (pods === undefined) continue;
        for (const { path, what } of find(pods, levelOf(cluster, workload.object.metadata.namespace))) {
          yield findingAt(tree, cluster, workload, path, what, todo);
        }
      }
    },
  };
}

/** The workload rules for objects in Git; charts are checked through `checkWorkload`. */
export const workloadChecks: readonly Check[] = workloadRules.map(toCheck);

/** The paths of `latest` tags in chart values and custom resources. */
function* latestTags(value: Json | undefined, path: ObjectPath): Generator<ObjectPath> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* latestTags(item, [...path, index]);
  } else if (isMap(value)) {
    for (const [key, item] of Object.entries(value)) {
      const isImage = key === 'image' && typeof item === 'string' && tagOf(item) === 'latest';
      const isTag = key === 'tag' && item === 'latest';
      if (isImage || isTag) yield [...path, key];
      else yield* latestTags(item, [...path, key]);
    }
  }
}

/** `latest` in an object from which an operator or a chart creates the pods. */
export const imageLatest: Check = {
  id: 'image-latest',
  severity: 'error',
  set: 'platform',
  why: imageNotPinned.why,
  *run(tree): Generator<RawFinding> {
    for (const [cluster, object] of eachObject(tree)) {
      // Pods are covered by image-not-pinned, and sources by their own rules.
      if (podsOf(object.object) !== undefined || groupOf(object.object).endsWith('source.toolkit.fluxcd.io')) continue;
      if (object.object.kind === 'CustomResourceDefinition') continue;
      for (const path of latestTags(object.object['spec'], ['spec'])) {
        yield findingAt(tree, cluster, object, path, `has ${path.join('.')}: latest`, imageNotPinned.todo);
      }
    }
  },
};

/** A workload whose selector does not match its own pods. */
export const selectorMissesPods: Check = {
  id: 'selector-misses-pods',
  severity: 'error',
  set: 'general',
  why: 'The API server rejects a workload that would not match the pods it creates.',
  *run(tree): Generator<RawFinding> {
    for (const [cluster, workload] of eachObject(tree)) {
      const pods = podsOf(workload.object);
      const { selector } = specOf(workload.object);
      if (
        pods === undefined ||
        !['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'].includes(workload.object.kind)
      )
        continue;
      if (selector === undefined || selects(selector, pods.labels)) continue;
      const what = 'has a selector that does not match the labels of its own template';
      yield findingAt(tree, cluster, workload, ['spec', 'selector'], what, 'make the two match');
    }
  },
};
