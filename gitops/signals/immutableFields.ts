import { isDeepStrictEqual } from 'node:util';
import { show } from '../checks/finding';
import { kindOf } from '../checks/facts/references';
import { type Json, type JsonMap, type KubernetesObject, isMap, listOf, specOf, valueAt } from '../kubernetesObject';
import { withoutSensitive } from '../diff/sensitiveNames';
import { quantity } from '../quantity';
import type { TreeObject } from '../tree';
import type { KeptPair } from './clusterChange';
import { type Refused, transitionProblems } from './transitionRules';

/** The fields of a kind that the API server does not let change, with the value that it sets where they are left out. */
interface ImmutableField {
  path: string[];
  /** The default. Without one, leaving the field out is a change as well. */
  otherwise?: Json;
}

const field = (path: string, otherwise?: Json): ImmutableField => ({
  path: path.split('.'),
  ...(otherwise === undefined ? {} : { otherwise }),
});

/** Immutable fields by kind, after the validation of Kubernetes 1.34 (pkg/apis/<group>/validation). */
const immutableFields: Readonly<Record<string, readonly ImmutableField[]>> = {
  'apps/Deployment': [field('spec.selector')],
  'apps/DaemonSet': [field('spec.selector')],
  'apps/ReplicaSet': [field('spec.selector')],
  'batch/Job': ['spec.template', 'spec.selector', 'spec.completionMode', 'spec.podFailurePolicy'].map((path) =>
    field(path),
  ),
  'rbac.authorization.k8s.io/RoleBinding': [field('roleRef')],
  'rbac.authorization.k8s.io/ClusterRoleBinding': [field('roleRef')],
  'storage.k8s.io/StorageClass': [
    field('parameters'),
    field('provisioner'),
    field('reclaimPolicy', 'Delete'),
    field('volumeBindingMode', 'Immediate'),
  ],
  '/Secret': [field('type', 'Opaque')],
  'scheduling.k8s.io/PriorityClass': [field('value'), field('preemptionPolicy', 'PreemptLowerPriority')],
  'apiextensions.k8s.io/CustomResourceDefinition': [
    field('spec.scope'),
    field('spec.group'),
    field('spec.names.plural'),
  ],
  'node.k8s.io/RuntimeClass': [field('handler')],
  'networking.k8s.io/IngressClass': [field('spec.controller')],
};

/** What a StatefulSet may change; the rest of its spec is immutable. */
const statefulSetMutable: ReadonlySet<string> = new Set([
  'replicas',
  'template',
  'updateStrategy',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
  'ordinals',
  'revisionHistoryLimit',
]);

const statefulSetDefaults: JsonMap = { podManagementPolicy: 'OrderedReady', serviceName: '' };

/** What a change sets that the API server refuses for an object that exists. Empty if it takes the change. */
export function refusedChanges(pair: KeptPair, schema: Json | undefined): Refused[] {
  const [before, after] = [pair.before.object, pair.after.object];
  const kind = kindOf(pair.after);
  return [
    ...(immutableFields[kind] ?? []).flatMap((entry) => comparedField(before, after, entry)),
    ...(kind === 'apps/StatefulSet' ? statefulSet(before, after) : []),
    ...(kind === '/PersistentVolumeClaim' ? claim(before, after) : []),
    ...(kind === '/Service' ? service(before, after) : []),
    ...(kind === '/ConfigMap' || kind === '/Secret' ? frozen(before, after, pair.before) : []),
    ...transitionProblems(before, after, schema),
  ];
}

function comparedField(before: Json, after: Json, { path, otherwise }: ImmutableField): Refused[] {
  const [old, now] = [before, after].map((object) => valueAt(object, ...path) ?? otherwise);
  return isDeepStrictEqual(old, now) ? [] : [{ path, what: `${path.join('.')} changes${fromTo(old, now)}` }];
}

/** ` from a to b` for short values, without what is secret by its name. */
function fromTo(old: Json | undefined, now: Json | undefined): string {
  const text = (value: Json | undefined): string =>
    value === undefined ? 'nothing' : show(withoutSensitive(value, ''));
  const both = ` from ${text(old)} to ${text(now)}`;
  return both.length > 160 ? '' : both;
}

function statefulSet(before: KubernetesObject, after: KubernetesObject): Refused[] {
  const [old, now] = [specOf(before), specOf(after)].map((spec): JsonMap => ({
    ...statefulSetDefaults,
    ...spec,
    volumeClaimTemplates: listOf(spec['volumeClaimTemplates']).map(templateOf),
  }));
  const keys = [...new Set([...Object.keys(old ?? {}), ...Object.keys(now ?? {})])].sort();
  return keys.flatMap((key) => {
    if (statefulSetMutable.has(key) || isDeepStrictEqual(old?.[key], now?.[key])) return [];
    return [{ path: ['spec', key], what: `spec.${key} changes${fromTo(old?.[key], now?.[key])}` }];
  });
}

/** What of a volume template is compared: the API server fills in the rest. */
function templateOf(template: Json): JsonMap {
  const spec = valueAt(template, 'spec');
  return {
    name: valueAt(template, 'metadata', 'name'),
    labels: valueAt(template, 'metadata', 'labels') ?? {},
    annotations: valueAt(template, 'metadata', 'annotations') ?? {},
    spec: { volumeMode: 'Filesystem', ...(isMap(spec) ? spec : {}) },
  };
}

function claim(before: KubernetesObject, after: KubernetesObject): Refused[] {
  // The class may change without a new volume, and so may the size, upwards.
  const { resources: oldSize, volumeAttributesClassName: _, ...old } = specOf(before);
  const { resources: newSize, volumeAttributesClassName: __, ...now } = specOf(after);
  const filled = (spec: JsonMap): JsonMap => ({ volumeMode: 'Filesystem', ...spec });
  const keys = [...new Set([...Object.keys(filled(old)), ...Object.keys(filled(now))])].sort();
  const changes = keys.flatMap((key): Refused[] => {
    const [a, b] = [filled(old)[key], filled(now)[key]];
    // What the cluster filled in stays where Git no longer says it.
    if (isDeepStrictEqual(a, b) || (key === 'volumeName' && b === undefined)) return [];
    return [{ path: ['spec', key], what: `spec.${key} changes${fromTo(a, b)}` }];
  });
  const [less, more] = [newSize, oldSize].map((size) => quantity(valueAt(size, 'requests', 'storage')));
  if (less !== undefined && more !== undefined && less < more) {
    const path = ['spec', 'resources', 'requests', 'storage'];
    const sizes = [oldSize, newSize].map((size) => valueAt(size, 'requests', 'storage'));
    changes.push({ path, what: `${path.join('.')} changes${fromTo(sizes[0], sizes[1])}` });
  }
  return changes;
}

function service(before: KubernetesObject, after: KubernetesObject): Refused[] {
  const [old, now] = [before, after].map((object) => specOf(object)['clusterIP']);
  const wasExternal = [before, after].some((object) => specOf(object)['type'] === 'ExternalName');
  // Without an address in Git the cluster has given one, which stays as long as Git asks for no other.
  if (wasExternal || now === undefined || now === '' || old === now) return [];
  return [
    {
      path: ['spec', 'clusterIP'],
      what: `spec.clusterIP changes from ${typeof old === 'string' ? old : 'an address of the cluster'} to ${show(now)}`,
    },
  ];
}

function frozen(before: KubernetesObject, after: KubernetesObject, { encrypted }: TreeObject): Refused[] {
  if (before['immutable'] !== true || encrypted === true) return [];
  const same = ['data', 'stringData', 'binaryData'].every((key) => isDeepStrictEqual(before[key], after[key]));
  if (same && after['immutable'] === true) return [];
  return [
    {
      path: ['data'],
      what: same ? 'immutable goes from true to false' : 'its data changes although immutable is true',
    },
  ];
}
