import { indexOf } from '../../../gitops/checks/facts/clusterIndex';
import { cluster, kustomization, object } from '../diff/trees';

const objects = [
  object('OCIRepository', 'app'),
  object('OCIRepository', 'app', { apiVersion: 'other/v1' }),
  object('OCIRepository', 'other'),
  object('Namespace', 'app', { metadata: { name: 'app' } }),
];
const kustomizations = [
  kustomization('app'),
  kustomization('child', { parent: 'flux-system/app' }),
  kustomization('second', { parent: 'flux-system/app' }),
  kustomization('app', { path: 'declared-twice' }),
];
const one = cluster('one', objects, kustomizations);

test('finds objects by kind, namespace and name, in order and of every API group', () => {
  expect(indexOf(one).objects('OCIRepository', 'app', 'app')).toEqual(objects.slice(0, 2));
  expect(indexOf(one).objects('Namespace', '', 'app')).toEqual([objects[3]]);
  expect(indexOf(one).objects('OCIRepository', '', 'app')).toEqual([]);
});

test('finds Kustomizations by id, the first of several, and by parent', () => {
  expect(indexOf(one).kustomizations.get('flux-system/app')).toBe(kustomizations[0]);
  expect(indexOf(one).children.get('flux-system/app')).toEqual([kustomizations[1], kustomizations[2]]);
  expect(indexOf(one).children.get('flux-system/child')).toBeUndefined();
});

test('is built once for a cluster', () => {
  expect(indexOf(one)).toBe(indexOf(one));
  expect(indexOf({ ...one })).not.toBe(indexOf(one));
});
