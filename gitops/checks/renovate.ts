import { describeObject } from '../kubernetesObject';
import { locate } from '../locate';
import { sourcesOf } from '../sources';
import type { Location, Tree, TreeCluster } from '../tree';
import type { Check, RawFinding } from './check';
import { settingsMaps, settingsOf } from './facts/settings';
import { type VersionField, imageOverrides, placesOf, versionFields } from './facts/versions';

const renovateComment = /^\s*(?:\S.*\s)?#\s*renovate:\s*datasource=(\S+)\s+depName=(\S+)/;

/** The Renovate comment of a line with a version: on the line itself or directly above it. */
function commentOf(tree: Tree, { file, line }: Location): { datasource: string; depName: string } | undefined {
  const lines = sourcesOf(tree).lines(file);
  const above = lines[line - 2] ?? '';
  const match =
    renovateComment.exec(lines[line - 1] ?? '') ?? (above.trim().startsWith('#') ? renovateComment.exec(above) : null);
  const [, datasource = '', depName = ''] = match ?? [];
  return match === null ? undefined : { datasource, depName };
}

const looksLikeVersion = /^v?\d+\.\d+\.\d+([-+][\w.-]+)?$/;

/** A version that Renovate does not update. */
export const versionWithoutRenovate: Check = {
  id: 'version-without-renovate',
  severity: 'error',
  set: 'platform',
  why: 'A version that Renovate does not see is never updated.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      const seen = new Set<string>();
      for (const { at, object, what } of versionLines(tree, cluster)) {
        const place = `${at.file}:${at.line}`;
        if (seen.has(place) || commentOf(tree, at) !== undefined) continue;
        seen.add(place);
        const todo = 'add `# renovate: datasource=… depName=…` on the line above';
        yield { at, object, what: `${what} has no Renovate comment`, todo, clusters: [cluster.name] };
      }
    }
  },
};

/** The lines with a version: settings first, because objects refer to them. */
function* versionLines(tree: Tree, cluster: TreeCluster): Generator<{ at: Location; object: string; what: string }> {
  for (const map of settingsMaps(cluster)) {
    for (const [key, value] of Object.entries(settingsOf(map))) {
      if (!key.endsWith('_VERSION') && !looksLikeVersion.test(value)) continue;
      yield { at: locate(tree, map, ['data', key]), object: describeObject(map.object), what: `${key} ${value}` };
    }
  }
  for (const field of versionFields(cluster)) {
    for (const at of placesOf(tree, cluster, field)) {
      yield { at, object: describeObject(field.object.object), what: `version ${field.value}` };
    }
  }
  for (const at of imageOverrides(tree, cluster)) yield { at, object: `File ${at.file}`, what: 'the image tag' };
}

/** A chart whose Renovate comment refers to another chart. */
export const renovateNamesOther: Check = {
  id: 'renovate-names-other',
  severity: 'error',
  set: 'platform',
  why: 'Renovate would update this chart to the versions of another one.',
  *run(tree): Generator<RawFinding> {
    for (const cluster of tree.clusters) {
      for (const { at, fields } of chartVersionPlaces(tree, cluster)) {
        const comment = commentOf(tree, at);
        const [field] = fields;
        // Charts that are released together share a setting: the comment refers to one of them.
        if (comment === undefined || field === undefined || fields.some(({ depName }) => depName === comment.depName))
          continue;
        yield {
          at,
          object: describeObject(field.object.object),
          what: `the Renovate comment refers to ${comment.depName}, but the chart is ${field.depName ?? ''}`,
          todo: `write depName=${field.depName ?? ''}`,
          clusters: [cluster.name],
        };
      }
    }
  },
};

/** Every place that sets chart versions, with the charts. */
function chartVersionPlaces(tree: Tree, cluster: TreeCluster): { at: Location; fields: VersionField[] }[] {
  const places = new Map<string, { at: Location; fields: VersionField[] }>();
  for (const field of versionFields(cluster)) {
    if (field.depName === undefined) continue;
    for (const at of placesOf(tree, cluster, field)) {
      const key = `${at.file}:${at.line}`;
      const place = places.get(key) ?? { at, fields: [] };
      place.fields.push(field);
      places.set(key, place);
    }
  }
  return [...places.values()];
}
