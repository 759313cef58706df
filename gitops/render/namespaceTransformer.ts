import { type BuiltObject, type Json, describeObject, isMap } from '../kubernetesObject';
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

/**
 * Sets the namespace of every namespaced object, as kustomize's `namespace` does. Throws a ManifestError where kustomize
 * would also rename a Namespace or change a binding's subject, which is never intended.
 */
export function applyNamespace(objects: BuiltObject[], namespace: Json, place: string): void {
  if (typeof namespace !== 'string' || namespace === '') {
    throw new ManifestError([`${place}: \`namespace\` must be the name of a namespace`]);
  }
  const problems = new Problems();
  for (const { object, origins } of objects) {
    const where = `${origins[0].file}:${origins[0].line}`;
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
  }
  problems.throwIfAny();
}
