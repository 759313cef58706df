import { type Json, isMap, valueAt } from '../../kubernetesObject';
import type { WorkloadFault, WorkloadRule } from './rule';

function given(resources: Json | undefined, what: string): boolean {
  // A limit without a request is the request, too.
  return ['requests', 'limits'].some((field) => valueAt(resources, field, what) !== undefined);
}

/** Containers that do not say what they need. */
export const workloadWithoutRequests: WorkloadRule = {
  id: 'workload-without-requests',
  severity: 'error',
  why: 'The scheduler puts pods that ask for nothing on a node that is full, and they are the first to be killed there.',
  todo: 'set resources.requests of cpu and memory to what it uses',
  *find({ containers, spec }): Generator<WorkloadFault> {
    for (const { path, name, spec: container } of containers) {
      const resources = container['resources'];
      const missing = ['cpu', 'memory'].filter((what) => !given(resources, what) && !given(spec['resources'], what));
      if (missing.length === 0) continue;
      yield {
        path: [...path, ...(isMap(resources) ? ['resources'] : [])],
        what: `container ${name} requests no ${missing.join(' and no ')}`,
      };
    }
  },
};

/** Containers that Kubernetes cannot ask how they are. */
export const workloadWithoutProbe: WorkloadRule = {
  id: 'workload-without-probe',
  severity: 'error',
  why: 'Without a liveness probe a hung process stays; without a readiness probe a pod gets requests before it can answer.',
  todo: 'add the probe; where the app has nothing to ask, add a row to EXCEPTIONS.md that says so',
  *find({ containers, forGood }): Generator<WorkloadFault> {
    if (!forGood) return;
    for (const { path, name, spec, ends } of containers) {
      if (ends) continue;
      const ports = spec['ports'];
      const listens = Array.isArray(ports) && ports.length > 0;
      const wanted = ['livenessProbe', ...(listens ? ['readinessProbe'] : [])];
      const missing = wanted.filter((probe) => spec[probe] === undefined);
      if (missing.length > 0) yield { path, what: `container ${name} has no ${missing.join(' and no ')}` };
    }
  },
};
