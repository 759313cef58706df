import { type Json, isMap, listOf, valueAt } from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import type { WorkloadProblem, WorkloadRule } from './check';
import type { Container, Pods } from './facts/pods';
import { show } from './finding';

/** Capabilities that the Pod Security level `baseline` allows containers to add. */
const baselineCapabilities: readonly Json[] = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];

/** The items of a list with their indexes; empty if the value is not a list. */
function entriesOf(value: Json | undefined): [number, Json][] {
  return [...listOf(value).entries()];
}

/** A field of a container's security context, or else of the pod's. */
function contextOf(pods: Pods, { spec }: Container, field: string): Json | undefined {
  return valueAt(spec, 'securityContext', field) ?? valueAt(pods.spec, 'securityContext', field);
}

/** Whether a container is declared privileged: that includes root, so it is not reported again for running as root. */
function isPrivileged({ spec }: Container): boolean {
  return valueAt(spec, 'securityContext', 'privileged') === true;
}

/** Containers that may run as root. */
export const workloadMayBeRoot: WorkloadRule = {
  id: 'workload-may-be-root',
  severity: 'error',
  why: 'Root in a container is one kernel bug away from root on the node.',
  todo: 'set securityContext.runAsNonRoot to true, and runAsUser if the image has no numeric user',
  *find(pods): Generator<WorkloadProblem> {
    for (const container of pods.containers) {
      if (isPrivileged(container)) continue;
      const asRoot = contextOf(pods, container, 'runAsUser') === 0;
      if (contextOf(pods, container, 'runAsNonRoot') === true && !asRoot) continue;
      const what = `container ${container.name} ${asRoot ? 'runs' : 'may run'} as root`;
      yield { path: container.path, what };
    }
  },
};

/** Containers that can modify their own files. */
export const workloadRootWritable: WorkloadRule = {
  id: 'workload-root-writable',
  severity: 'error',
  why: 'An attacker can persist in a container that can write to its own files.',
  todo: 'set securityContext.readOnlyRootFilesystem to true, and mount an emptyDir where it writes',
  *find(pods): Generator<WorkloadProblem> {
    for (const container of pods.containers) {
      if (isPrivileged(container)) continue;
      if (valueAt(container.spec, 'securityContext', 'readOnlyRootFilesystem') === true) continue;
      yield { path: container.path, what: `container ${container.name} can write to its root file system` };
    }
  },
};

/** Pods that access their node outside the namespaces intended for that. */
export const workloadPrivileged: WorkloadRule = {
  id: 'workload-privileged',
  severity: 'error',
  why: 'Pod Security rejects its pods: only namespaces labelled privileged allow pods to access their node.',
  todo: 'do without it, or move the workload to a namespace labelled privileged',
  *find({ spec, path, containers }, level): Generator<WorkloadProblem> {
    if (level === 'privileged') return;
    const where = `in a namespace with Pod Security level ${level}`;
    for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) {
      if (spec[field] === true) yield { path: [...path, field], what: `sets ${field} ${where}` };
    }
    for (const container of containers) {
      for (const { at, what } of hostAccess(container)) {
        yield { path: [...container.path, ...at], what: `container ${container.name} ${what} ${where}` };
      }
    }
  },
};

function* hostAccess({ spec }: Container): Generator<{ at: ObjectPath; what: string }> {
  if (valueAt(spec, 'securityContext', 'privileged') === true) {
    yield { at: ['securityContext', 'privileged'], what: 'is privileged' };
  }
  const added = valueAt(spec, 'securityContext', 'capabilities', 'add');
  for (const [index, capability] of entriesOf(added)) {
    if (baselineCapabilities.includes(capability)) continue;
    yield { at: ['securityContext', 'capabilities', 'add', index], what: `adds ${show(capability)}` };
  }
  for (const [index, port] of entriesOf(spec['ports'])) {
    const number = valueAt(port, 'hostPort');
    if (typeof number !== 'number' || number === 0) continue;
    yield { at: ['ports', index, 'hostPort'], what: `binds port ${number} of its node` };
  }
}

/** Pods that mount a folder of their node outside the namespaces intended for that. */
export const workloadHostPath: WorkloadRule = {
  id: 'workload-host-path',
  severity: 'error',
  why: 'Pod Security rejects its pods: a folder of the node is a way onto the node.',
  todo: 'use a volume of a StorageClass, or move the workload to a namespace labelled privileged',
  *find({ spec, path }, level): Generator<WorkloadProblem> {
    if (level === 'privileged') return;
    for (const [index, volume] of entriesOf(spec['volumes'])) {
      const folder = valueAt(volume, 'hostPath', 'path');
      if (valueAt(volume, 'hostPath') === undefined) continue;
      const what = `mounts ${show(folder)} of its node in a namespace with Pod Security level ${level}`;
      yield { path: [...path, 'volumes', index, 'hostPath'], what };
    }
  },
};

// hostPath is reported by workload-host-path.
const allowedVolumes = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'hostPath',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

/** Pods that the level `restricted` rejects for reasons other than running as root or accessing the node. */
export const workloadNotRestricted: WorkloadRule = {
  id: 'workload-not-restricted',
  severity: 'error',
  why: 'Pod Security rejects its pods: the namespace is labelled restricted.',
  todo: 'add what is missing to the securityContext, or label the namespace baseline and state the reason',
  *find(pods, level): Generator<WorkloadProblem> {
    if (level !== 'restricted') return;
    for (const [index, volume] of entriesOf(pods.spec['volumes'])) {
      const types = isMap(volume) ? Object.keys(volume).filter((key) => key !== 'name') : [];
      const [other] = types.filter((type) => !allowedVolumes.includes(type));
      if (other === undefined) continue;
      yield { path: [...pods.path, 'volumes', index, other], what: `has a volume of type ${other}` };
    }
    for (const container of pods.containers) {
      const added = valueAt(container.spec, 'securityContext', 'capabilities', 'add');
      for (const [index, capability] of entriesOf(added)) {
        if (capability === 'NET_BIND_SERVICE' || !baselineCapabilities.includes(capability)) continue;
        const path = [...container.path, 'securityContext', 'capabilities', 'add', index];
        yield { path, what: `container ${container.name} adds ${show(capability)}` };
      }
      const missing = missingFor(pods, container);
      if (missing.length === 0) continue;
      const own = isMap(container.spec['securityContext']) ? ['securityContext'] : [];
      const what = `container ${container.name} needs ${missing.join(', ')}`;
      yield { path: [...container.path, ...own], what };
    }
  },
};

/** What a container lacks for the level `restricted`. */
function missingFor(pods: Pods, container: Container): string[] {
  const own = container.spec['securityContext'];
  const drops = entriesOf(valueAt(own, 'capabilities', 'drop')).map(([, name]) => name);
  const seccomp = valueAt(contextOf(pods, container, 'seccompProfile'), 'type');
  return [
    ...(valueAt(own, 'allowPrivilegeEscalation') === false ? [] : ['allowPrivilegeEscalation: false']),
    ...(drops.includes('ALL') ? [] : ['capabilities.drop: [ALL]']),
    ...(seccomp === 'RuntimeDefault' || seccomp === 'Localhost' ? [] : ['seccompProfile.type: RuntimeDefault']),
  ];
}
