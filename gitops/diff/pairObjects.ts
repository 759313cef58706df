import { identityOf } from '../kubernetesObject';
import type { TreeObject } from '../tree';

/** The same object before and after; absent on the side where it does not exist. */
export interface ObjectPair {
  before?: TreeObject;
  after?: TreeObject;
}

/** The content hash that kustomize appends to the name of a generated object. */
const contentHash = /-[2456789bcdfghkmt]{10}$/;

/**
 * Pairs objects by group, kind, namespace and name, preferring those of the same Kustomization. For a generated object the
 * content hash in its name is ignored.
 */
export function pairObjects(before: readonly TreeObject[], after: readonly TreeObject[]): ObjectPair[] {
  const pairs: ObjectPair[] = [];
  let oldObjects = [...before];
  let newObjects = [...after];
  const pairBy = (key: (object: TreeObject) => string | undefined): void => {
    const unpaired = new Map<string, TreeObject[]>();
    for (const object of oldObjects) {
      const name = key(object);
      if (name !== undefined) unpaired.set(name, [...(unpaired.get(name) ?? []), object]);
    }
    const paired = new Set<TreeObject>();
    for (const object of newObjects) {
      const name = key(object);
      const other = name === undefined ? undefined : unpaired.get(name)?.shift();
      if (other === undefined) continue;
      pairs.push({ before: other, after: object });
      paired.add(other).add(object);
    }
    oldObjects = oldObjects.filter((object) => !paired.has(object));
    newObjects = newObjects.filter((object) => !paired.has(object));
  };
  pairBy(({ object, kustomization }) => `${identityOf(object)}|${kustomization}`);
  pairBy(({ object }) => identityOf(object));
  pairBy(({ object, generated, kustomization }) =>
    generated && contentHash.test(object.metadata.name)
      ? `${identityOf(object).replace(contentHash, '')}|${kustomization}`
      : undefined,
  );
  return [
    ...pairs,
    ...oldObjects.map((object) => ({ before: object })),
    ...newObjects.map((object) => ({ after: object })),
  ];
}
