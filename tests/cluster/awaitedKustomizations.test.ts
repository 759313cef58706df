import { awaitedKustomizations, type DeclaredKustomization } from '../../cluster/awaitedKustomizations';

const declared = (name: string, change: Partial<DeclaredKustomization> = {}): DeclaredKustomization => ({
  name,
  namespace: 'flux-system',
  suspended: false,
  dependsOn: [],
  ...change,
});

test('the handover waits for the root first, and for each Kustomization in Flux’s namespace once', () => {
  const all = ['namespaces', 'cilium', 'flux-system'].map((name) => declared(name));
  const { names, skipped } = awaitedKustomizations([...all, declared('app', { namespace: 'team' })]);
  expect(names).toEqual(['flux-system', 'namespaces', 'cilium']);
  expect(skipped).toEqual([]);
});

test('what Git suspends is skipped, and everything that depends on it', () => {
  const { names, skipped } = awaitedKustomizations([
    declared('dashboards', { dependsOn: ['routes'] }),
    declared('routes', { dependsOn: ['cilium', 'gateway'] }),
    declared('cilium'),
    declared('gateway', { suspended: true, dependsOn: ['cilium'] }),
  ]);
  expect(names).toEqual(['flux-system', 'cilium']);
  expect(skipped).toEqual([
    { name: 'gateway', why: 'suspended in Git' },
    { name: 'routes', why: 'depends on gateway' },
    { name: 'dashboards', why: 'depends on routes' },
  ]);
});
