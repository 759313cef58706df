import { type Json, type JsonMap, type KubernetesObject, isMap, specOf, valueAt, listOf } from '../../kubernetesObject';
import type { Path } from '../about';

/** A container, and where it is in its object. */
export interface Container {
  path: Path;
  name: string;
  spec: JsonMap;
  /** Whether it runs before the others and ends; a sidecar among the init containers does not. */
  ends: boolean;
}

/** The pods that an object makes. */
export interface Pods {
  object: KubernetesObject;
  /** Where the pod's spec is. */
  path: Path;
  spec: JsonMap;
  labels: JsonMap;
  /** Whether they run for good, rather than to an end. */
  forGood: boolean;
  /** How many run at the same time, where the object says so itself. */
  replicas?: number;
  containers: Container[];
}

const makers: Readonly<Record<string, { apiVersion: string; template: readonly string[]; forGood: boolean }>> = {
  Pod: { apiVersion: 'v1', template: [], forGood: true },
  ReplicationController: { apiVersion: 'v1', template: ['spec', 'template'], forGood: true },
  Deployment: { apiVersion: 'apps/v1', template: ['spec', 'template'], forGood: true },
  ReplicaSet: { apiVersion: 'apps/v1', template: ['spec', 'template'], forGood: true },
  StatefulSet: { apiVersion: 'apps/v1', template: ['spec', 'template'], forGood: true },
  DaemonSet: { apiVersion: 'apps/v1', template: ['spec', 'template'], forGood: true },
  Job: { apiVersion: 'batch/v1', template: ['spec', 'template'], forGood: false },
  CronJob: { apiVersion: 'batch/v1', template: ['spec', 'jobTemplate', 'spec', 'template'], forGood: false },
};

const asMap = (value: Json | undefined): JsonMap => (isMap(value) ? value : {});

/** The pods of an object of Kubernetes' own kinds; nothing if it makes none. */
export function podsOf(object: KubernetesObject): Pods | undefined {
  const maker = makers[object.kind];
  if (maker === undefined || maker.apiVersion !== object.apiVersion) return undefined;
  const template = valueAt(object, ...maker.template);
  const spec = asMap(valueAt(template, 'spec'));
  const path = [...maker.template, 'spec'];
  const { replicas } = specOf(object);
  const scaled = ['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController'].includes(object.kind);
  return {
    object,
    path,
    spec,
    labels: asMap(valueAt(template, 'metadata', 'labels')),
    forGood: maker.forGood && spec['restartPolicy'] !== 'Never' && spec['restartPolicy'] !== 'OnFailure',
    ...(scaled ? { replicas: typeof replicas === 'number' ? replicas : 1 } : {}),
    containers: [...containers(spec, path, 'initContainers'), ...containers(spec, path, 'containers')],
  };
}

function containers(spec: JsonMap, prefix: Path, field: 'initContainers' | 'containers'): Container[] {
  const list = spec[field];
  return listOf(list).flatMap((one, index) => {
    if (!isMap(one)) return [];
    const name = typeof one['name'] === 'string' ? one['name'] : String(index);
    const ends = field === 'initContainers' && one['restartPolicy'] !== 'Always';
    return [{ path: [...prefix, field, index], name, spec: one, ends }];
  });
}
