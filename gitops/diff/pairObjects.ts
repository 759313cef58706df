import { identityOf } from '../kubernetesObject';
import type { TreeObject } from '../tree';

/** The same object before and after; absent on the side where there is none. */
export interface ObjectPair {
  before?: TreeObject;
  after?: TreeObject;
}

/** What Kustomize appends to the name of a generated object: a hash of its content. */
const contentHash = /-[2456789bcdfghkmt]{10}$/;

/**
 * Finds each object's counterpart: by group, kind, namespace and name, of several the one of the same Kustomization.
 * A generated object whose name ends in a hash of its content is the same under another hash.
 */
export function pairObjects(before: readonly TreeObject[], after: readonly TreeObject[]): ObjectPair[] {
  const pairs: ObjectPair[] = [];
  let left = [...before];
  let right = [...after];
  const pairBy = (key: (object: TreeObject) => string | undefined): void => {
    const waiting = new Map<string, TreeObject[]>();
    for (const object of left) {
      const name = key(object);
      if (name !== undefined) waiting.set(name, [...(waiting.get(name) ?? []), object]);
    }
    const found = new Set<TreeObject>();
    for (const object of right) {
      const name = key(object);
      const other = name === undefined ? undefined : waiting.get(name)?.shift();
      if (other === undefined) continue;
      pairs.push({ before: other, after: object });
      found.add(other).add(object);
    }
    left = left.filter((object) => !found.has(object));
    right = right.filter((object) => !found.has(object));
  };
  pairBy(({ object, kustomization }) => `${identityOf(object)}|${kustomization}`);
  pairBy(({ object }) => identityOf(object));
  pairBy(({ object, generated, kustomization }) =>
    generated && contentHash.test(object.metadata.name)
      ? `${identityOf(object).replace(contentHash, '')}|${kustomization}`
      : undefined,
  );
  return [...pairs, ...left.map((object) => ({ before: object })), ...right.map((object) => ({ after: object }))];
}
