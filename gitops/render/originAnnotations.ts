import { posix } from 'node:path';
import { type BuiltObject, describeObject, isMap } from '../kubernetesObject';
import { ManifestError } from '../manifestError';

/**
 * Adds the annotation with which kustomize says where an object comes from. Flux asks for it where a kustomization file lists no
 * resources, and applies it. Throws a ManifestError for objects that a patch changed, which have another origin.
 */
export function annotateOrigins(objects: readonly BuiltObject[], folder: string): void {
  const patched = objects.filter(({ origins }) => origins.length > 1);
  if (patched.length > 0) {
    throw new ManifestError(
      patched.map(({ object, origins: [origin] }) => {
        const what = `${describeObject(object)} is patched or generated in a folder without resources`;
        return `${origin.file}:${origin.line}: ${what}, which is not supported; list resources in ${folder}/kustomization.yaml`;
      }),
    );
  }
  for (const { object, origins } of objects) {
    const { annotations } = object.metadata;
    object.metadata['annotations'] = {
      ...(isMap(annotations) ? annotations : {}),
      'config.kubernetes.io/origin': `path: ${posix.relative(folder, origins[0].file)}\n`,
    };
  }
}
