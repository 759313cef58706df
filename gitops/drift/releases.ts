import { parseAllDocuments } from 'yaml';
import {
  type Json,
  type KubernetesObject,
  isMap,
  invalidObjectReason,
  listOf,
  textOf,
  valueAt,
} from '../kubernetesObject';
import { matchesTarget, readTarget } from '../render/patch';

/** What Helm stored about a revision. */
export interface StoredRevisionState {
  version: number;
  /** Helm's status: `deployed`, `superseded`, `failed`, `pending-upgrade`, … */
  status: string;
}

/** What is wrong with a release as a whole. */
export interface ReleaseProblem {
  kind: 'gone' | 'failed' | 'pending' | 'by-hand' | 'not-adopted';
  why: string;
}

/**
 * What is wrong with a release, by what Helm stored and what its HelmRelease recorded; undefined if nothing is.
 * @param history the revision in the HelmRelease's status; undefined if Flux has not adopted the release
 */
export function releaseProblem(
  stored: readonly StoredRevisionState[],
  history: { version: number; status: string } | undefined,
  hasHelmRelease: boolean,
): ReleaseProblem | undefined {
  const newest = stored.toSorted((a, b) => b.version - a.version)[0];
  if (newest === undefined) return { kind: 'gone', why: 'Helm has no record of it: it is not installed' };
  if (newest.status.startsWith('pending-')) {
    return { kind: 'pending', why: `its revision ${newest.version} is ${newest.status}: an operation was interrupted` };
  }
  if (newest.status !== 'deployed') {
    return { kind: 'failed', why: `its revision ${newest.version} is ${newest.status}` };
  }
  if (!hasHelmRelease) return { kind: 'not-adopted', why: 'it has no HelmRelease' };
  if (history === undefined)
    return { kind: 'not-adopted', why: 'its HelmRelease has no history: Flux has not adopted it' };
  if (history.version === newest.version) return undefined;
  if (history.version > newest.version) {
    return { kind: 'gone', why: `Helm has lost the record of revision ${history.version}, which Flux installed` };
  }
  return {
    kind: 'by-hand',
    why: `someone installed revision ${newest.version}; that of Flux is ${history.version}`,
  };
}

/** The newest entry in the history of a HelmRelease. */
export function newestOf(helmRelease: KubernetesObject): { version: number; status: string } | undefined {
  const [newest] = listOf(valueAt(helmRelease, 'status', 'history')).toSorted(
    (a, b) => Number(valueAt(b, 'version')) - Number(valueAt(a, 'version')),
  );
  const version = valueAt(newest, 'version');
  return typeof version === 'number' ? { version, status: textOf(valueAt(newest, 'status')) } : undefined;
}

/** The objects of a stored manifest. Values that are null are left out: Helm does not send them. Throws an Error if it is not YAML. */
export function manifestObjects(manifest: string): KubernetesObject[] {
  const documents = parseAllDocuments(manifest, {
    ...{ prettyErrors: false, version: '1.1', uniqueKeys: false },
    // Helm's parser reads dates, and numbers to the base of 60, as text.
    customTags: (tags) => tags.filter((tag) => typeof tag === 'string' || !isTime(tag)),
  });
  return (Array.isArray(documents) ? documents : []).flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`the stored manifest is not YAML: ${error.message.split('\n')[0]}`);
    const value = document.toJS() as unknown;
    if (invalidObjectReason(value) !== undefined) return [];
    return [withoutNulls(value as KubernetesObject)];
  });
}

/** An object as Helm marks it when it installs it. */
export function withHelmMetadata(
  object: KubernetesObject,
  release: { name: string; namespace: string },
): KubernetesObject {
  const { labels, annotations } = object.metadata;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      labels: { ...(isMap(labels) ? labels : {}), 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: {
        ...(isMap(annotations) ? annotations : {}),
        'meta.helm.sh/release-name': release.name,
        'meta.helm.sh/release-namespace': release.namespace,
      },
    },
  };
}

/** JSON pointers of an object that the HelmRelease's drift detection ignores; an empty one is the whole object. */
export function ignoredPointers(helmRelease: KubernetesObject, object: KubernetesObject): string[] {
  const marker = 'helm.toolkit.fluxcd.io/driftDetection';
  const { labels, annotations } = object.metadata;
  if ([labels, annotations].some((map) => valueAt(map, marker) === 'disabled')) return [''];
  return listOf(valueAt(helmRelease, 'spec', 'driftDetection', 'ignore')).flatMap((rule) => {
    const target = valueAt(rule, 'target');
    const applies = target === undefined || matchesTarget(readTarget(target), object);
    return applies ? listOf(valueAt(rule, 'paths')).map((path) => textOf(path)) : [];
  });
}

/** A copy of an object without what JSON pointers name. */
export function withoutPointers(object: KubernetesObject, pointers: readonly string[]): KubernetesObject {
  const copy = structuredClone(object);
  for (const pointer of pointers.filter((text) => text !== '')) {
    const keys = pointer
      .slice(1)
      .split('/')
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop() ?? '';
    let parent: Json | undefined = copy;
    for (const key of keys) parent = Array.isArray(parent) ? parent[Number(key)] : valueAt(parent, key);
    if (Array.isArray(parent)) parent.splice(Number(last), 1);
    else if (isMap(parent)) delete parent[last];
  }
  return copy;
}

function isTime({ tag, format }: { tag: string; format?: string }): boolean {
  return tag === 'tag:yaml.org,2002:timestamp' || format === 'TIME';
}

function withoutNulls<T extends Json>(value: T): T {
  const walk = (part: Json): Json => {
    if (Array.isArray(part)) return part.map(walk);
    if (!isMap(part)) return part;
    const kept = Object.entries(part).flatMap(([key, one]) =>
      one === null || one === undefined ? [] : [[key, one] as const],
    );
    return Object.fromEntries(kept.map(([key, one]) => [key, walk(one)]));
  };
  return walk(value) as T;
}
