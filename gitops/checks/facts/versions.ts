import { type Json, isMap, specOf, valueAt } from '../../kubernetesObject';
import { locate, locateText, writtenAt } from '../../locate';
import { type ObjectPath, sourcesOf } from '../../sources';
import type { Location, Tree, TreeCluster, TreeObject } from '../../tree';
import { chartRepositories, isSource, releases } from './charts';
import { settingsMaps, settingsOf } from './settings';

/** A version that Renovate must be able to update. */
export interface VersionField {
  object: TreeObject;
  path: ObjectPath;
  /** The version, with variables substituted. */
  value: string;
  /** The depName that Renovate needs; known for charts only. */
  depName?: string;
}

/** Every version that the objects of a cluster set. */
export function* versionFields(cluster: TreeCluster): Generator<VersionField> {
  const repositories = chartRepositories(cluster);
  for (const object of cluster.objects) {
    const spec = specOf(object.object);
    if (isSource(object.object, 'OCIRepository') || isSource(object.object, 'GitRepository')) {
      const value = valueAt(spec, 'ref', 'tag');
      const { url } = spec;
      const depName = repositories.has(object) && typeof url === 'string' ? url.replace(/^oci:\/\//, '') : undefined;
      if (typeof value === 'string') yield { object, path: ['spec', 'ref', 'tag'], value, depName };
    } else if (!opaqueKinds.includes(object.object.kind)) {
      for (const found of versionsIn(spec, ['spec'])) yield { object, ...found };
    }
  }
  for (const { release, chart } of releases(cluster)) {
    const path = ['chart', 'spec', 'version'];
    const value = valueAt(specOf(release.object), ...path);
    if (chart.source.kind !== 'HelmRepository' || typeof value !== 'string') continue;
    yield { object: release, path: ['spec', ...path], value, depName: chart.name };
  }
}

// A CRD describes other objects, and the content of the other kinds is arbitrary text.
const opaqueKinds = ['CustomResourceDefinition', 'ConfigMap', 'Secret', 'Kustomization'];

/** Image references and product versions in any object or in chart values. */
function* versionsIn(value: Json | undefined, path: ObjectPath): Generator<{ path: ObjectPath; value: string }> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* versionsIn(item, [...path, index]);
  }
  if (!isMap(value)) return;
  for (const [key, item] of Object.entries(value)) {
    const below = [...path, key];
    if (typeof item !== 'string') yield* versionsIn(item, below);
    else if (/^image(Name)?$/.test(key) && /^[\w.${}-]+(:\d+)?(\/[\w.${}-]+)*[:@][\w.:${}+-]+$/.test(item)) {
      yield { path: below, value: item };
    } else if (key === 'tag' && typeof value['repository'] === 'string' && item !== '') {
      yield { path: below, value: item };
    } else if (key === 'version' && path.at(-1) === 'distribution') yield { path: below, value: item };
  }
}

/** Where the kustomization files that a cluster reads override an image tag (`images[].newTag`). */
export function imageOverrides(tree: Tree, cluster: TreeCluster): Location[] {
  const files = new Set(cluster.kustomizations.flatMap((kustomization) => kustomization.files));
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

/** Where a version is written: on its own line, or where the variables in it are set. */
export function placesOf(
  tree: Tree,
  cluster: TreeCluster,
  { object, path, value }: Pick<VersionField, 'object' | 'path' | 'value'>,
): Location[] {
  const written = writtenAt(tree, object, path);
  const names = typeof written === 'string' ? [...written.matchAll(/\$\{(\w+)/g)].map((match) => match[1] ?? '') : [];
  if (names.length > 0) {
    return settingsMaps(cluster).flatMap((map) =>
      names.filter((name) => name in settingsOf(map)).map((name) => locate(tree, map, ['data', name])),
    );
  }
  // An image without a tag has the one of an image override, which is a place of its own.
  if (typeof written === 'string' && value.startsWith(`${written}:`)) return [];
  if (written !== undefined) return [locate(tree, object, path)];
  // Set by a patch or an image override.
  return locateText(tree, object, value).slice(0, 1);
}
