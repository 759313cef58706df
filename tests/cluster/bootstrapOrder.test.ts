import { coreReleases, coreStages, crdKustomizations } from '../../cluster/bootstrapOrder';

test('the order is Gateway API first, Cilium before all other releases, Flux last', () => {
  expect(crdKustomizations.map(({ name }) => name)).toEqual([
    'gateway-api',
    'prometheus-operator-crds',
    'victoria-metrics-operator-crds',
    'cert-manager',
    'external-secrets',
  ]);
  expect(coreStages).toEqual([
    ['cilium'],
    ['coredns'],
    ['spegel', 'cert-manager', 'external-secrets', 'flux-operator'],
    ['flux-instance'],
  ]);
  expect(coreReleases).toEqual([
    'cilium',
    'coredns',
    'spegel',
    'cert-manager',
    'external-secrets',
    'flux-operator',
    'flux-instance',
  ]);
});
