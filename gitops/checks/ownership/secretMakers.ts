import { type Json, describeObject, groupOf, specOf, valueAt } from '../../kubernetesObject';
import type { TreeObject } from '../../tree';
import { type Path, about } from '../about';
import type { Check, RawFinding } from '../check';

/** The Secret that an object is or makes, and where it names it; without a namespace where none is known. */
export function secretOf({ object }: TreeObject): { namespace?: string; name: string; path: Path } | undefined {
  const { namespace, name } = object.metadata;
  const group = groupOf(object);
  const named = (value: Json | undefined, path: Path): { namespace?: string; name: string; path: Path } =>
    typeof value === 'string' ? { namespace, name: value, path } : { namespace, name, path: ['metadata', 'name'] };
  if (object.kind === 'Secret' && group === '') return named(name, ['metadata', 'name']);
  if (object.kind === 'ExternalSecret' && group === 'external-secrets.io') {
    return named(valueAt(specOf(object), 'target', 'name'), ['spec', 'target', 'name']);
  }
  if (object.kind === 'ClusterExternalSecret' && group === 'external-secrets.io') {
    const target = valueAt(specOf(object), 'externalSecretSpec', 'target', 'name');
    const path = ['spec', 'externalSecretSpec', 'target', 'name'];
    return { ...named(target ?? valueAt(specOf(object), 'externalSecretName'), path), namespace: undefined };
  }
  if (object.kind === 'SealedSecret') {
    return named(valueAt(specOf(object), 'template', 'metadata', 'name'), ['spec', 'template', 'metadata', 'name']);
  }
  if (object.kind === 'Certificate' && group === 'cert-manager.io') {
    return named(specOf(object)['secretName'], ['spec', 'secretName']);
  }
  return undefined;
}

/** A Secret that several objects of Git make. */
export const secretMadeTwice: Check = {
  id: 'secret-made-twice',
  severity: 'error',
  set: 'platform',
  why: 'Only the first of them gets the Secret; the others fail, or overwrite each other for ever.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const makers = new Map<string, TreeObject>();
      for (const object of cluster.objects) {
        const made = secretOf(object);
        if (made?.namespace === undefined || addsOnly(object)) continue;
        const id = `${made.namespace}/${made.name}`;
        const first = makers.get(id);
        if (first === undefined) {
          makers.set(id, object);
          continue;
        }
        // The same object twice is another rule's.
        if (describeObject(first.object) === describeObject(object.object)) continue;
        const what = `makes Secret ${id}, which ${describeObject(first.object)} makes, too`;
        yield about(tree, cluster, object, made.path, what, 'give one of them another name');
      }
    }
  },
};

/** Whether an ExternalSecret only adds to a Secret that is there, or makes none. */
function addsOnly({ object }: TreeObject): boolean {
  const policy = valueAt(specOf(object), 'target', 'creationPolicy');
  return object.kind === 'ExternalSecret' && (policy === 'Merge' || policy === 'None');
}
