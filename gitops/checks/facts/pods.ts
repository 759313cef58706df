import {
  type Json,
  type JsonMap,
  type KubernetesObject,
  groupOf,
  isMap,
  listOf,
  specOf,
  valueAt,
} from '../../kubernetesObject';
import type { ObjectPath } from '../../sources';
import type { TreeCluster } from '../../tree';

/** A container and its path in the object. */
export interface Container {
  path: ObjectPath;
  name: string;
  spec: JsonMap;
  /** Whether it runs to completion before the others start; false for a sidecar among the init containers. */
  isInit: boolean;
}

/** The pods that an object creates. */
export interface Pods {
  object: KubernetesObject;
  /** The path of the pod spec. */
  path: ObjectPath;
  spec: JsonMap;
  labels: JsonMap;
  /** Whether they run indefinitely rather than to completion. */
  longRunning: boolean;
  /** The replica count, if the object itself sets one. */
  replicas?: number;
  containers: Container[];
}

const podControllers: Readonly<
  Record<string, { apiVersion: string; template: readonly string[]; longRunning: boolean }>
> = {
  Pod: { apiVersion: 'v1', template: [], longRunning: true },
  ReplicationController: { apiVersion: 'v1', template: ['spec', 'template'], longRunning: true },
  Deployment: { apiVersion: 'apps/v1', template: ['spec', 'template'], longRunning: true },
  ReplicaSet: { apiVersion: 'apps/v1', template: ['spec', 'template'], longRunning: true },
  StatefulSet: { apiVersion: 'apps/v1', template: ['spec', 'template'], longRunning: true },
  DaemonSet: { apiVersion: 'apps/v1', template: ['spec', 'template'], longRunning: true },
  Job: { apiVersion: 'batch/v1', template: ['spec', 'template'], longRunning: false },
  CronJob: { apiVersion: 'batch/v1', template: ['spec', 'jobTemplate', 'spec', 'template'], longRunning: false },
};

const asMap = (value: Json | undefined): JsonMap => (isMap(value) ? value : {});

/** The pods that an object of a built-in kind creates; undefined if it creates none. */
export function podsOf(object: KubernetesObject): Pods | undefined {
  const controller = podControllers[object.kind];
  if (controller === undefined || controller.apiVersion !== object.apiVersion) return undefined;
  const template = valueAt(object, ...controller.template);
  const spec = asMap(valueAt(template, 'spec'));
  const path = [...controller.template, 'spec'];
  const { replicas } = specOf(object);
  const scaled = ['Deployment', 'ReplicaSet', 'StatefulSet', 'ReplicationController'].includes(object.kind);
  return {
    object,
    path,
    spec,
    labels: asMap(valueAt(template, 'metadata', 'labels')),
    longRunning: controller.longRunning && spec['restartPolicy'] !== 'Never' && spec['restartPolicy'] !== 'OnFailure',
    ...(scaled ? { replicas: typeof replicas === 'number' ? replicas : 1 } : {}),
    containers: [...containers(spec, path, 'initContainers'), ...containers(spec, path, 'containers')],
  };
}

function containers(spec: JsonMap, prefix: ObjectPath, field: 'initContainers' | 'containers'): Container[] {
  return listOf(spec[field]).flatMap((container, index) => {
    if (!isMap(container)) return [];
    const name = typeof container['name'] === 'string' ? container['name'] : String(index);
    const isInit = field === 'initContainers' && container['restartPolicy'] !== 'Always';
    return [{ path: [...prefix, field, index], name, spec: container, isInit }];
  });
}

/** Whether a label selector matches the labels. An empty selector matches everything. */
export function selects(selector: Json | undefined, labels: JsonMap): boolean {
  const wanted = valueAt(selector, 'matchLabels');
  const expressions = valueAt(selector, 'matchExpressions');
  return (
    Object.entries(isMap(wanted) ? wanted : {}).every(([key, value]) => labels[key] === value) &&
    listOf(expressions).every((expression) => matches(expression, labels))
  );
}

function matches(expression: Json, labels: JsonMap): boolean {
  const key = valueAt(expression, 'key');
  const values = valueAt(expression, 'values');
  const value = typeof key === 'string' ? labels[key] : undefined;
  const listed = value !== undefined && Array.isArray(values) && values.includes(value);
  switch (valueAt(expression, 'operator')) {
    case 'In':
      return listed;
    case 'NotIn':
      return !listed;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** A Pod Security level. */
export type PodSecurityLevel = 'privileged' | 'baseline' | 'restricted';

/** The valid Pod Security levels. */
export const podSecurityLevels: readonly unknown[] = ['privileged', 'baseline', 'restricted'];

/** The label that sets the Pod Security level of a namespace. */
export const podSecurityLabel = 'pod-security.kubernetes.io/enforce';

/** The level that a namespace enforces. Without a label Talos enforces `baseline`, and nothing in kube-system. */
export function levelOf(cluster: TreeCluster, namespace: string | undefined): PodSecurityLevel {
  const found = cluster.objects.find(
    ({ object }) => object.kind === 'Namespace' && groupOf(object) === '' && object.metadata.name === namespace,
  );
  const level = valueAt(found?.object.metadata, 'labels', podSecurityLabel);
  if (podSecurityLevels.includes(level)) return level as PodSecurityLevel;
  return namespace === 'kube-system' ? 'privileged' : 'baseline';
}
