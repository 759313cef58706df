import { type BuiltObject, type Json, describeObject, isMap } from './kubernetesObject';
import { ManifestError, Problems } from './manifestError';

// Cluster-scoped kinds that kustomize knows. It cannot know those of custom resources, and gives them a namespace.
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
 * Sets the namespace of every namespaced object, as kustomize's `namespace` does. Throws a ManifestError where
 * kustomize would also rename a Namespace or a binding's subject, which nobody means.
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
        `kustomize would rename ${describeObject(object)} to ${namespace} (${place}); move it elsewhere`,
      );
    }
    const subjects = object['subjects'];
    if (Array.isArray(subjects) && subjects.some((subject) => isMap(subject) && subject['name'] === 'default')) {
      problems.add(
        where,
        `kustomize would move ServiceAccount default of ${describeObject(object)} (${place}); use another`,
      );
    }
    if (!clusterScoped.has(object.kind)) object.metadata.namespace = namespace;
  }
  problems.throwIfAny();
}
