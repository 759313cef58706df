import { type Json, isMap, specOf, valueAt } from '../../kubernetesObject';
import { sourcesOf } from '../../sources';
import type { Location, Tree, TreeCluster, TreeObject } from '../../tree';
import type { Path } from '../about';
import { chartRepositories, isSource, releases } from './charts';

/** A version that Renovate must be able to raise. */
export interface VersionField {
  object: TreeObject;
  path: Path;
  /** The version, with variables put in. */
  value: string;
  /** What Renovate must call it; known for charts only. */
  depName?: string;
}

/** Every version that objects of a cluster name. */
export function* versionFields(cluster: TreeCluster): Generator<VersionField> {
  const repositories = chartRepositories(cluster);
  for (const object of cluster.objects) {
    const spec = specOf(object.object);
    if (isSource(object.object, 'OCIRepository') || isSource(object.object, 'GitRepository')) {
      const value = valueAt(spec, 'ref', 'tag');
      const { url } = spec;
      const depName = repositories.has(object) && typeof url === 'string' ? url.replace(/^oci:\/\//, '') : undefined;
      if (typeof value === 'string') yield { object, path: ['spec', 'ref', 'tag'], value, depName };
    } else if (!opaque.includes(object.object.kind)) {
      for (const found of imagesIn(spec, ['spec'])) yield { object, ...found };
    }
  }
  for (const { release, chart } of releases(cluster)) {
    const path = ['chart', 'spec', 'version'];
    const value = valueAt(specOf(release.object), ...path);
    if (chart.source.kind !== 'HelmRepository' || typeof value !== 'string') continue;
    yield { object: release, path: ['spec', ...path], value, depName: chart.name };
  }
}

// Kinds whose content is not their own: definitions describe other objects, these hold somebody's text.
const opaque = ['CustomResourceDefinition', 'ConfigMap', 'Secret', 'Kustomization'];

/** Images and versions of products in any object or in the values of a chart. */
function* imagesIn(value: Json | undefined, path: Path): Generator<{ path: Path; value: string }> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* imagesIn(item, [...path, index]);
  }
  if (!isMap(value)) return;
  for (const [key, part] of Object.entries(value)) {
    const below = [...path, key];
    if (typeof part !== 'string') yield* imagesIn(part, below);
    else if (/^image(Name)?$/.test(key) && /^[\w.${}-]+(:\d+)?(\/[\w.${}-]+)*[:@][\w.:${}+-]+$/.test(part)) {
      yield { path: below, value: part };
    } else if (key === 'tag' && typeof value['repository'] === 'string' && part !== '') {
      yield { path: below, value: part };
    } else if (key === 'version' && path.at(-1) === 'distribution') yield { path: below, value: part };
  }
}

/** Versions in `images` of the kustomization files that a cluster reads. */
export function imageOverrides(tree: Tree, cluster: TreeCluster): Location[] {
  const files = new Set(cluster.kustomizations.flatMap((one) => one.files));
  return [...files]
    .filter((file) => /(^|\/)(kustomization\.ya?ml|Kustomization)$/.test(file))
    .flatMap((file) =>
      sourcesOf(tree)
        .documents(file)
        .flatMap((document) => {
          const images = isMap(document.value) ? document.value['images'] : undefined;
          if (!Array.isArray(images)) return [];
          return images.flatMap((image, index) =>
            valueAt(image, 'newTag') === undefined
              ? []
              : [{ file, line: document.lineOf(['images', index, 'newTag']) }],
          );
        }),
    );
}
