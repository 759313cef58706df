import { inventoryOf, type ListedObject, nameOfId, orphansOf } from '../../../gitops/drift/inventory';

const listed = (rest: Partial<ListedObject>): ListedObject => ({
  ...{ group: '', kind: 'ConfigMap', name: 'a', namespace: 'web', annotations: {}, isOwned: false },
  labels: { 'kustomize.toolkit.fluxcd.io/name': 'app', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' },
  ...rest,
});
const existing = new Set(['Kustomization flux-system/app']);
const owners = (object: ListedObject, held: string[] = []): string[] =>
  orphansOf([object], new Set(held), existing).map(({ owner, ownerExists, isKept }) =>
    [owner, ownerExists && 'exists', isKept && 'kept'].filter(Boolean).join(' '),
  );

test('reads ids of an inventory', () => {
  const ids = ['web_a_b__ConfigMap', '_system__node_rbac.authorization.k8s.io_ClusterRole', 'broken'];
  const object = { apiVersion: 'v1', kind: 'K', metadata: { name: 'k' } };
  const inventory = { entries: ids.map((id) => ({ id, v: 'v1' })) };
  const found = inventoryOf({ ...object, status: { inventory } });
  expect(found).toEqual(['|ConfigMap|web|a_b', 'rbac.authorization.k8s.io|ClusterRole||system:node']);
  expect(found.map(nameOfId)).toEqual(['ConfigMap web/a_b', 'ClusterRole system:node']);
  expect(inventoryOf(object)).toEqual([]);
});

test('an object that no inventory holds is an orphan', () => {
  expect(owners(listed({}))).toEqual(['Kustomization flux-system/app exists']);
  expect(owners(listed({ annotations: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' } }))).toEqual([
    'Kustomization flux-system/app exists kept',
  ]);
  expect(owners(listed({}), ['|ConfigMap|web|a'])).toEqual([]);
});

test('what others own copied the labels, and what has none is no one’s', () => {
  expect(owners(listed({ isOwned: true }))).toEqual([]);
  expect(owners(listed({ labels: { app: 'a' } }))).toEqual([]);
});

test('of releases, only what has no HelmRelease any more, and was not kept on purpose', () => {
  const labels = { 'helm.toolkit.fluxcd.io/name': 'dns', 'helm.toolkit.fluxcd.io/namespace': 'web' };
  expect(owners(listed({ labels }))).toEqual(['HelmRelease web/dns']);
  expect(owners(listed({ labels, annotations: { 'helm.sh/resource-policy': 'keep' } }))).toEqual([]);
  const present = orphansOf([listed({ labels })], new Set(), new Set(['HelmRelease web/dns']));
  expect(present).toEqual([]);
});
