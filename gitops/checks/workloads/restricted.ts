import { isMap, valueAt } from '../../kubernetesObject';
import { show } from '../show';
import { entriesOf, harmless } from './hostAccess';
import type { Container, Pods } from './pods';
import { contextOf } from './rights';
import type { WorkloadFault, WorkloadRule } from './rule';

// A folder of the node has a rule of its own.
const volumes = [
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

/**
 * Pods that a namespace labelled `restricted` does not take, beyond what other rules say: running as root, reaching for
 * the node.
 */
export const workloadNotRestricted: WorkloadRule = {
  id: 'workload-not-restricted',
  severity: 'error',
  why: 'Pod Security refuses its pods: the namespace is labelled restricted.',
  todo: 'add what is missing to the securityContext, or label the namespace baseline and say why',
  *find(pods, level): Generator<WorkloadFault> {
    if (level !== 'restricted') return;
    for (const [index, volume] of entriesOf(pods.spec['volumes'])) {
      const kinds = isMap(volume) ? Object.keys(volume).filter((key) => key !== 'name') : [];
      const [other] = kinds.filter((kind) => !volumes.includes(kind));
      if (other === undefined) continue;
      yield { path: [...pods.path, 'volumes', index, other], what: `has a volume of kind ${other}` };
    }
    for (const container of pods.containers) {
      const added = valueAt(container.spec, 'securityContext', 'capabilities', 'add');
      for (const [index, capability] of entriesOf(added)) {
        if (capability === 'NET_BIND_SERVICE' || !harmless.includes(capability)) continue;
        const path = [...container.path, 'securityContext', 'capabilities', 'add', index];
        yield { path, what: `container ${container.name} adds ${show(capability)}` };
      }
      const missing = missingIn(pods, container);
      if (missing.length === 0) continue;
      const has = isMap(container.spec['securityContext']) ? ['securityContext'] : [];
      const what = `container ${container.name} needs ${missing.join(', ')}`;
      yield { path: [...container.path, ...has], what };
    }
  },
};

function missingIn(pods: Pods, container: Container): string[] {
  const own = container.spec['securityContext'];
  const drops = entriesOf(valueAt(own, 'capabilities', 'drop')).map(([, name]) => name);
  const seccomp = valueAt(contextOf(pods, container, 'seccompProfile'), 'type');
  return [
    ...(valueAt(own, 'allowPrivilegeEscalation') === false ? [] : ['allowPrivilegeEscalation: false']),
    ...(drops.includes('ALL') ? [] : ['capabilities.drop: [ALL]']),
    ...(seccomp === 'RuntimeDefault' || seccomp === 'Localhost' ? [] : ['seccompProfile.type: RuntimeDefault']),
  ];
}
