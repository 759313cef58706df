import type { TreeObject } from '../tree';
import { describeObject, isMap } from '../kubernetesObject';
import type { ClusterChange } from './clusterChange';
import { type ImageChange, imageChanges, imageParts, imagesOf } from './images';
import { atPath, pathName, valuesPairs } from './leaves';
import { type Found, type SignalRule, listedTexts } from './signal';

/** One finding for each step of one image, at the first object that has it. */
function* steps(change: ClusterChange, isMeant: (image: ImageChange) => boolean): Generator<Found> {
  const groups = new Map<string, ImageChange[]>();
  for (const image of imageChanges(change)) {
    if (!isMeant(image)) continue;
    const key = `${image.before}\n${image.after}`;
    groups.set(key, [...(groups.get(key) ?? []), image]);
  }
  for (const group of groups.values()) {
    const [first] = group;
    const at = first === undefined ? undefined : objectOf(change, first);
    if (first === undefined || at === undefined) continue;
    const others = [...new Set(group.slice(1).map(({ object }) => object))].filter((name) => name !== first.object);
    const also = others.length === 0 ? '' : `, also in ${listedTexts(others, 4)}`;
    yield { at, what: `${first.kind} ${short(first)}${also}` };
  }
}

function objectOf({ pairs }: ClusterChange, { object, kustomization, release }: ImageChange): TreeObject | undefined {
  return pairs.find(
    ({ after }) =>
      after !== undefined &&
      after.kustomization === kustomization &&
      after.release === release &&
      describeObject(after.object) === object,
  )?.after;
}

/** `name 1.2.3 → 2.0.0` without digests. */
function short({ kind, before, after }: ImageChange): string {
  if (kind === 'chart')
    return `${before} → ${after.split(' ')[0] === before.split(' ')[0] ? after.split(' ')[1] : after}`;
  const [old, now] = [imageParts(before), imageParts(after)];
  return old.repository === now.repository
    ? `${old.repository} ${old.tag} → ${now.tag}`
    : `${old.repository}:${old.tag} → ${now.repository}:${now.tag}`;
}

const imageMajor: SignalRule = {
  id: 'image-major',
  severity: 'warning',
  when: 'an image goes to another major version; calendar versions have none',
  why: 'a major version may need changes of the configuration, or migrate data with no way back',
  todo: 'read its notes for what changes, and take a backup',
  find: (change) => steps(change, ({ kind, step }) => kind === 'image' && step === 'major'),
};

const chartMajor: SignalRule = {
  id: 'chart-major',
  severity: 'warning',
  when: 'a chart goes to another major version',
  why: 'values may have moved, and what is immutable may change: the upgrade fails or re-creates',
  todo: 'read its notes, and see with --charts what changes in the cluster',
  find: (change) => steps(change, ({ kind, step }) => kind === 'chart' && step === 'major'),
};

const downgrade: SignalRule = {
  id: 'version-downgrade',
  severity: 'warning',
  when: 'an image or a chart goes back to an older version',
  why: 'data that the newer version wrote is often unreadable to the older one',
  todo: 'make sure that its notes allow the way back',
  find: (change) => steps(change, ({ step }) => step === 'downgrade'),
};

const otherImage: SignalRule = {
  id: 'image-from-elsewhere',
  severity: 'warning',
  when: 'an image comes from another repository or registry, or a release has another chart',
  why: 'someone else builds what runs, and its paths, users and settings may differ',
  todo: 'make sure who publishes it, and that it is the same program',
  *find(change): Generator<Found> {
    yield* steps(change, ({ kind, before, after }) =>
      kind === 'chart'
        ? before.split(' ')[0] !== after.split(' ')[0]
        : imageParts(before).repository !== imageParts(after).repository,
    );
  },
};

const movable = /^(|latest|main|master|edge|nightly|dev|stable)$/;

const imageUnpinned: SignalRule = {
  id: 'image-unpinned',
  severity: 'warning',
  when: 'an image loses its digest, gets a tag that moves (latest, main, …), or chart values no longer set it',
  why: 'what runs can change without a change in Git',
  todo: 'pin a version and its digest',
  *find(change): Generator<Found> {
    yield* steps(change, ({ kind, before, after }) => {
      if (kind === 'chart') return false;
      const [old, now] = [imageParts(before), imageParts(after)];
      if (now.digest !== '') return false;
      return old.digest !== '' || (movable.test(now.tag) && !movable.test(old.tag));
    });
    for (const { at, before, after } of valuesPairs(change)) {
      const now = new Set([...imagesOf(after)].map(([path]) => pathName(path)));
      for (const [path, image] of imagesOf(before)) {
        // What names the image may be gone as a whole, such as a container.
        const parent = path.slice(0, -1);
        const stays = !parent.some((step) => String(step).startsWith('[')) && isMap(atPath(after, parent));
        if (now.has(pathName(path)) || !stays) continue;
        const what = `spec.values.${pathName(path)} no longer says ${image}: the chart's own version applies`;
        yield { at, path: ['spec', 'values', ...parent], what };
      }
    }
  },
};

/** Signals about images and charts. */
export const imageRules: readonly SignalRule[] = [imageMajor, chartMajor, downgrade, otherImage, imageUnpinned];
