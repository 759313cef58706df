import { chartOf, isHelmRelease, isSource } from '../checks/facts/charts';
import { show } from '../checks/finding';
import { type Json, type KubernetesObject, describeObject, isMap, specOf, textOf, valueAt } from '../kubernetesObject';
import type { ObjectPath } from '../sources';
import type { TreeCluster, TreeObject } from '../tree';
import { type ClusterChange, changed } from './clusterChange';
import { pathName } from './leaves';
import { type Step, stepOf } from './versionStep';

/** An image, or a chart, that becomes another one. */
export interface ImageChange {
  kind: 'image' | 'chart';
  /** `Kind namespace/name` of the object that names it. */
  object: string;
  kustomization: string;
  /** The HelmRelease whose chart renders the object. */
  release?: string;
  /** Path of the image in the object. */
  path: string;
  before: string;
  after: string;
  step: Step;
}

/** The parts of a reference to an image. */
export interface ImageParts {
  repository: string;
  tag: string;
  digest: string;
}

/** Splits `registry:5000/name:tag@sha256:…`. */
export function imageParts(image: string): ImageParts {
  const [name = '', digest = ''] = image.split('@');
  const found = /^(.*?)(?::([^:/]+))?$/.exec(name);
  return { repository: found?.[1] ?? name, tag: found?.[2] ?? '', digest };
}

const imageKey = /^(image|imageName|[a-z]\w*Image)$/;
const imageText = /^[a-z0-9][\w.-]*(:\d+)?(\/[\w.-]+)*(:[\w][\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$/i;

/** Every image in an object, by its path: texts under the usual keys, and maps of repository and tag. */
export function* imagesOf(value: Json | undefined, path: ObjectPath = []): Generator<[ObjectPath, string]> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const name = valueAt(item, 'name');
      yield* imagesOf(item, [...path, typeof name === 'string' ? `[${name}]` : index]);
    }
  } else if (isMap(value)) {
    const whole = fromMap(value);
    if (whole !== undefined) yield [path, whole];
    for (const [key, item] of Object.entries(value)) {
      if (typeof item === 'string' && imageKey.test(key) && isImage(item)) yield [[...path, key], item];
      else if (typeof item === 'object' && item !== null) yield* imagesOf(item, [...path, key]);
    }
  }
}

/** A text of letters alone may be anything; with a folder, a tag or a digest it is an image. */
function isImage(text: string): boolean {
  return imageText.test(text) && /[/:@]/.test(text);
}

function fromMap(map: Record<string, Json | undefined>): string | undefined {
  const { repository, registry, digest } = map;
  const tag = map['tag'] ?? (map['repository'] === undefined ? undefined : map['version']);
  if (
    typeof repository !== 'string' ||
    (typeof tag !== 'string' && typeof tag !== 'number' && typeof digest !== 'string')
  )
    return undefined;
  const text = tag === undefined ? '' : show(tag);
  const full = `${textOf(registry) === '' ? '' : `${textOf(registry)}/`}${repository}${text === '' ? '' : `:${text}`}`;
  return typeof digest === 'string' && !text.includes('@') ? `${full}@${digest}` : full;
}

/** Kinds whose fields named image hold something else. */
const noImages: ReadonlySet<string> = new Set(['CustomResourceDefinition', 'ConfigMap', 'Secret', 'OCIRepository']);

/** The images and charts that become others, in the order of the objects. */
export function imageChanges(change: ClusterChange): ImageChange[] {
  const found: ImageChange[] = [];
  for (const { before, after } of changed(change)) {
    if (noImages.has(after.object.kind)) continue;
    const old = new Map([...imagesOf(before.object)].map(([path, image]) => [pathName(path), image]));
    for (const [path, image] of imagesOf(after.object)) {
      const name = pathName(path);
      const was = old.get(name);
      if (was !== undefined && was !== image)
        found.push({ kind: 'image', ...of(after), path: name, ...imageStep(was, image) });
    }
  }
  return [...found, ...chartChanges(change)];
}

function of({ object, kustomization, release }: TreeObject): Pick<ImageChange, 'object' | 'kustomization' | 'release'> {
  return { object: describeObject(object), kustomization, ...(release === undefined ? {} : { release }) };
}

function imageStep(before: string, after: string): Pick<ImageChange, 'before' | 'after' | 'step'> {
  const [old, now] = [imageParts(before), imageParts(after)];
  return { before, after, step: old.repository === now.repository ? stepOf(old.tag, now.tag) : 'other' };
}

/** The chart of a release with its version; `from` is where it is published, whose versions are its own. */
function chartVersion(
  cluster: TreeCluster,
  release: TreeObject,
): { name: string; from: string; version: string; path: string } | undefined {
  const chart = chartOf(cluster, release);
  if (chart === undefined) return undefined;
  if (chart.by === 'chart') {
    const version = valueAt(specOf(release.object), 'chart', 'spec', 'version');
    const from = textOf(specOf(chart.declared?.object ?? release.object)['url']);
    return { name: chart.name, from, version: textOf(version), path: 'spec.chart.spec.version' };
  }
  const source = specOf(chart.declared?.object ?? release.object);
  const ref = source['ref'];
  const version = textOf(valueAt(ref, 'tag')) || textOf(valueAt(ref, 'semver')) || textOf(valueAt(ref, 'digest'));
  return { name: chart.name, from: textOf(source['url']), version, path: 'spec.chartRef' };
}

function addressOf({ name, from }: { name: string; from: string }): string {
  return from === '' || from.endsWith(`/${name}`) ? from || name : `${from.replace(/\/$/, '')}/${name}`;
}

function chartChanges(change: ClusterChange): ImageChange[] {
  return change.pairs.flatMap(({ before, after }): ImageChange[] => {
    if (before === undefined || after === undefined || after.release !== undefined) return [];
    if (isHelmRelease(after.object)) {
      const [old, now] = [chartVersion(change.before, before), chartVersion(change.after, after)];
      if (old === undefined || now === undefined) return [];
      const same = old.name === now.name && old.from === now.from;
      if (same && old.version === now.version) return [];
      const step = same ? stepOf(old.version, now.version) : 'other';
      const [was, is] = [old, now].map((chart) => `${same ? chart.name : addressOf(chart)} ${chart.version}`);
      return [{ kind: 'chart', ...of(after), path: now.path, before: was ?? '', after: is ?? '', step }];
    }
    return isSource(after.object, 'OCIRepository') && !isChart(change.after, after)
      ? artifact(before.object, after)
      : [];
  });
}

/** Whether a release takes its chart from an OCIRepository. */
function isChart(cluster: TreeCluster, source: TreeObject): boolean {
  return cluster.objects.some(
    (object) => isHelmRelease(object.object) && chartOf(cluster, object)?.declared === source,
  );
}

/** The manifests that an OCIRepository fetches. */
function artifact(before: KubernetesObject, after: TreeObject): ImageChange[] {
  const text = (object: KubernetesObject): string => {
    const { url, ref } = specOf(object);
    const tag = textOf(valueAt(ref, 'tag')) || textOf(valueAt(ref, 'semver'));
    return `${textOf(url).replace('oci://', '')}:${tag}`;
  };
  const [old, now] = [text(before), text(after.object)];
  return old === now ? [] : [{ kind: 'image', ...of(after), path: 'spec.ref', ...imageStep(old, now) }];
}
