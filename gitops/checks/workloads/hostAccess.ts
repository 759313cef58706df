import { type Json, valueAt, listOf } from '../../kubernetesObject';
import type { Path } from '../about';
import type { Container } from './pods';
import type { WorkloadFault, WorkloadRule } from './rule';
import { show } from '../show';

/** Capabilities that Pod Security's level `baseline` lets containers add. */
export const harmless: readonly Json[] = [
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

/** The entries of a list, each with its index; none if it is no list. */
export function entriesOf(value: Json | undefined): [number, Json][] {
  return [...listOf(value).entries()];
}

/** Pods that reach for their node outside of the namespaces that are for it. */
export const workloadPrivileged: WorkloadRule = {
  id: 'workload-privileged',
  severity: 'error',
  why: 'Pod Security refuses its pods: only a namespace labelled privileged lets pods reach for their node.',
  todo: 'do without it, or move the workload to a namespace labelled privileged',
  *find({ spec, path, containers }, level): Generator<WorkloadFault> {
    if (level === 'privileged') return;
    for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) {
      if (spec[field] === true) yield { path: [...path, field], what: `has ${field} in a namespace for ${level} pods` };
    }
    for (const container of containers) {
      for (const { at, what } of reaches(container)) {
        const where = `in a namespace for ${level} pods`;
        yield { path: [...container.path, ...at], what: `container ${container.name} ${what} ${where}` };
      }
    }
  },
};

function* reaches({ spec }: Container): Generator<{ at: Path; what: string }> {
  if (valueAt(spec, 'securityContext', 'privileged') === true) {
    yield { at: ['securityContext', 'privileged'], what: 'is privileged' };
  }
  const added = valueAt(spec, 'securityContext', 'capabilities', 'add');
  for (const [index, capability] of entriesOf(added)) {
    if (harmless.includes(capability)) continue;
    yield { at: ['securityContext', 'capabilities', 'add', index], what: `adds ${show(capability)}` };
  }
  for (const [index, port] of entriesOf(spec['ports'])) {
    const number = valueAt(port, 'hostPort');
    if (typeof number !== 'number' || number === 0) continue;
    yield { at: ['ports', index, 'hostPort'], what: `takes port ${number} of its node` };
  }
}

/** Pods that mount a folder of their node outside of the namespaces that are for it. */
export const workloadHostPath: WorkloadRule = {
  id: 'workload-host-path',
  severity: 'error',
  why: 'Pod Security refuses its pods: a folder of the node is a way onto the node.',
  todo: 'use a volume of a StorageClass, or move the workload to a namespace labelled privileged',
  *find({ spec, path }, level): Generator<WorkloadFault> {
    if (level === 'privileged') return;
    for (const [index, volume] of entriesOf(spec['volumes'])) {
      const folder = valueAt(volume, 'hostPath', 'path');
      if (valueAt(volume, 'hostPath') === undefined) continue;
      const what = `mounts ${show(folder)} of its node in a namespace for ${level} pods`;
      yield { path: [...path, 'volumes', index, 'hostPath'], what };
    }
  },
};
