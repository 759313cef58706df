import { type BuiltObject, type Json, isMap, listOf, valueAt } from '../kubernetesObject';
import { ManifestError } from '../manifestError';

const scaledKinds = ['Deployment', 'ReplicaSet', 'ReplicationController', 'StatefulSet'];

/** Sets the number of pods of workloads by name, as kustomize's `replicas` does. */
export function applyReplicas(objects: readonly BuiltObject[], replicas: Json | undefined, place: string): void {
  for (const entry of entriesOf(replicas, 'replicas', place)) {
    const { name, count } = entry;
    if (typeof name !== 'string' || typeof count !== 'number' || Object.keys(entry).length !== 2)
      throw new ManifestError([
        `${place}: each entry of \`replicas\` must have \`name\` and \`count\` and nothing else`,
      ]);
    const found = objects.filter(({ object }) => scaledKinds.includes(object.kind) && object.metadata.name === name);
    if (found.length === 0)
      throw new ManifestError([`${place}: \`replicas\` names ${name}, which is not a workload here`]);
    for (const { object } of found) {
      if (isMap(object['spec'])) object['spec']['replicas'] = count;
    }
  }
}

const imageFields = ['name', 'newName', 'newTag'];

/** Sets names and tags of images, as kustomize's `images` does, without digests. */
export function applyImages(objects: readonly BuiltObject[], images: Json | undefined, place: string): void {
  for (const entry of entriesOf(images, 'images', place)) {
    const texts = Object.entries(entry).every(([key, value]) => imageFields.includes(key) && typeof value === 'string');
    const { name, newName = name, newTag } = entry as Record<string, string>;
    if (!texts || name === undefined)
      throw new ManifestError([
        `${place}: each entry of \`images\` may have ${imageFields.join(', ')}, all of them text`,
      ]);
    for (const { object } of objects)
      changeImages(object, name, (tag) => `${newName ?? ''}${newTag === undefined ? tag : `:${newTag}`}`);
  }
}

/** Changes the images of a name in every list of containers, wherever it is. */
function changeImages(value: Json | undefined, name: string, change: (tag: string) => string): void {
  if (Array.isArray(value)) for (const item of value) changeImages(item, name, change);
  if (!isMap(value)) return;
  for (const field of ['containers', 'initContainers']) {
    for (const container of listOf(value[field])) {
      const image = valueAt(container, 'image');
      const [, own, tag = ''] = typeof image === 'string' ? (/^(.*?)((?::[^:/@]+)?(?:@.*)?)$/.exec(image) ?? []) : [];
      if (own === name && isMap(container)) container['image'] = change(tag);
    }
  }
  for (const item of Object.values(value)) changeImages(item, name, change);
}

function entriesOf(value: Json | undefined, field: string, place: string): Record<string, Json | undefined>[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every(isMap)) return value.filter(isMap);
  throw new ManifestError([`${place}: \`${field}\` must be a list of maps`]);
}
