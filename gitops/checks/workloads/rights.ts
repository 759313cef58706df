import { type Json, valueAt } from '../../kubernetesObject';
import type { Container, Pods } from './pods';
import type { WorkloadFault, WorkloadRule } from './rule';

/** What a container's security context says, or else the pod's. */
export function contextOf(pods: Pods, { spec }: Container, field: string): Json | undefined {
  return valueAt(spec, 'securityContext', field) ?? valueAt(pods.spec, 'securityContext', field);
}

/** Whether a container may do all that its node may: it needs to be root, and says so. */
function isPrivileged({ spec }: Container): boolean {
  return valueAt(spec, 'securityContext', 'privileged') === true;
}

/** Containers that may run as root. */
export const workloadMayBeRoot: WorkloadRule = {
  id: 'workload-may-be-root',
  severity: 'error',
  why: 'Root in a container is one mistake in the kernel away from root on the node.',
  todo: 'set securityContext.runAsNonRoot to true, and runAsUser where the image names no number',
  *find(pods): Generator<WorkloadFault> {
    for (const container of pods.containers) {
      if (isPrivileged(container)) continue;
      const asRoot = contextOf(pods, container, 'runAsUser') === 0;
      if (contextOf(pods, container, 'runAsNonRoot') === true && !asRoot) continue;
      const what = `container ${container.name} ${asRoot ? 'runs' : 'may run'} as root`;
      yield { path: container.path, what };
    }
  },
};

/** Containers that may change their own files. */
export const workloadRootWritable: WorkloadRule = {
  id: 'workload-root-writable',
  severity: 'error',
  why: 'Whoever gets into a container that can write its own files can stay there.',
  todo: 'set securityContext.readOnlyRootFilesystem to true, and mount an emptyDir where it writes',
  *find(pods): Generator<WorkloadFault> {
    for (const container of pods.containers) {
      if (isPrivileged(container)) continue;
      if (valueAt(container.spec, 'securityContext', 'readOnlyRootFilesystem') === true) continue;
      yield { path: container.path, what: `container ${container.name} may write to its root file system` };
    }
  },
};
