import { type Json, groupOf, isMap } from '../../kubernetesObject';
import { type Path, about, eachObject } from '../about';
import type { Check, RawFinding } from '../check';
import { podsOf } from './pods';
import type { WorkloadFault, WorkloadRule } from './rule';
import { show } from '../show';

/** The tag of an image; undefined if it has none, `@` if a digest pins it. */
export function tagOf(image: string): string | undefined {
  if (image.includes('@')) return '@';
  const last = image.slice(image.lastIndexOf('/') + 1);
  const colon = last.indexOf(':');
  return colon < 0 ? undefined : last.slice(colon + 1);
}

/** Images that are another one tomorrow. */
export const imageNotPinned: WorkloadRule = {
  id: 'image-not-pinned',
  severity: 'error',
  why: 'What runs would depend on when a node pulled it, and nothing could bring yesterday back.',
  todo: 'name a version as tag, or a digest',
  *find({ containers }): Generator<WorkloadFault> {
    for (const { path, name, spec } of containers) {
      const { image } = spec;
      const tag = typeof image === 'string' ? tagOf(image) : '@';
      if (tag !== undefined && tag !== 'latest' && tag !== '') continue;
      yield { path: [...path, 'image'], what: `container ${name} runs ${show(image)}` };
    }
  },
};

/** Images in values of charts and in custom resources that say `latest`. */
function* latestIn(value: Json | undefined, path: Path): Generator<Path> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* latestIn(item, [...path, index]);
  } else if (isMap(value)) {
    for (const [key, item] of Object.entries(value)) {
      const isImage = key === 'image' && typeof item === 'string' && tagOf(item) === 'latest';
      const isTag = key === 'tag' && item === 'latest';
      if (isImage || isTag) yield [...path, key];
      else yield* latestIn(item, [...path, key]);
    }
  }
}

/** `latest` where an operator or a chart makes the pods. */
export const imageLatest: Check = {
  id: 'image-latest',
  severity: 'error',
  set: 'platform',
  why: imageNotPinned.why,
  *run(tree): Generator<RawFinding> {
    for (const [cluster, one] of eachObject(tree)) {
      // Pods have a rule of their own, and so have sources.
      if (podsOf(one.object) !== undefined || groupOf(one.object).endsWith('source.toolkit.fluxcd.io')) continue;
      if (one.object.kind === 'CustomResourceDefinition') continue;
      for (const path of latestIn(one.object['spec'], ['spec'])) {
        yield about(tree, cluster, one, path, `has ${path.join('.')}: latest`, imageNotPinned.todo);
      }
    }
  },
};
