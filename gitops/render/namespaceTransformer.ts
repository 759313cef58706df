import { type BuiltObject, type Json, type JsonMap, describeObject, isMap } from '../kubernetesObject';
import { ManifestError, Problems } from '../manifestError';

// Built-in cluster-scoped kinds. Like kustomize, this treats every custom resource as namespaced.
const clusterScoped = new Set([
  'APIService',
  'CSIDriver',
  'CSINode',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'FlowSchema',
  'IngressClass',
  'MutatingWebhookConfiguration',
  'Namespace',
  'Node',
  'PersistentVolume',
  'PriorityClass',
  'PriorityLevelConfiguration',
  'RuntimeClass',
  'StorageClass',
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'ValidatingWebhookConfiguration',
  'VolumeAttachment',
]);

/** The name of the Namespace in components/namespace, which every including kustomization replaces. */
const placeholder = 'namespace';

/**
 * Sets the namespace of every namespaced object, as kustomize's `namespace` does, and the name of the placeholder of
 * components/namespace. Throws a ManifestError where kustomize would also rename another Namespace or change a binding's
 * subject, which is never intended.
 */
export function applyNamespace(objects: BuiltObject[], namespace: Json, place: string): void {
  if (typeof namespace !== 'string' || namespace === '') {
    throw new ManifestError([`${place}: \`namespace\` must be the name of a namespace`]);
  }
  const problems = new Problems();
  for (const { object, origins } of objects) {
    const where = `${origins[0].file}:${origins[0].line}`;
    if (object.kind === 'Namespace' && object.metadata.name === placeholder) object.metadata.name = namespace;
    if (object.kind === 'Namespace' && object.metadata.name !== namespace) {
      problems.add(
        where,
        `kustomize would rename ${describeObject(object)} to ${namespace} (${place}); move it to another folder`,
      );
    }
    const subjects = object['subjects'];
    if (Array.isArray(subjects) && subjects.some((subject) => isMap(subject) && subject['name'] === 'default')) {
      problems.add(
        where,
        `kustomize would change the namespace of ServiceAccount default in ${describeObject(object)} (${place}); use another ServiceAccount`,
      );
    }
    if (!clusterScoped.has(object.kind)) object.metadata.namespace = namespace;
    for (const subject of Array.isArray(subjects) ? subjects : []) {
      if (isMap(subject) && isOwnAccount(subject, objects)) subject['namespace'] = namespace;
    }
  }
  problems.throwIfAny();
}

/** Whether a binding's subject is a ServiceAccount of the same build, whose namespace kustomize adds. */
function isOwnAccount(subject: JsonMap, objects: readonly BuiltObject[]): boolean {
  return (
    subject['kind'] === 'ServiceAccount' &&
    subject['namespace'] === undefined &&
    objects.some(({ object }) => object.kind === 'ServiceAccount' && object.metadata.name === subject['name'])
  );
}
