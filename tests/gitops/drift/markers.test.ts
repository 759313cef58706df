import { frozenBy, isLeftAlone, withOwnerLabels } from '../../../gitops/drift/markers';
import type { KubernetesObject } from '../../../gitops/kubernetesObject';

const object = (annotations: Record<string, string>, labels: Record<string, string> = {}): KubernetesObject => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', annotations, labels } },
});
const flux = (name: string): string => `kustomize.toolkit.fluxcd.io/${name}`;

test('Git may tell Flux to leave an object alone', () => {
  expect(isLeftAlone(object({ [flux('reconcile')]: 'disabled' }))).toBe(true);
  expect(isLeftAlone(object({ [flux('ssa')]: 'IfNotPresent' }))).toBe(true);
  expect(isLeftAlone(object({}, { [flux('ssa')]: 'ignore' }))).toBe(true);
  expect(isLeftAlone(object({ [flux('ssa')]: 'Merge' }))).toBe(false);
  expect(isLeftAlone(object({}))).toBe(false);
});

test('someone in the cluster may, too', () => {
  const frozen = object({ [flux('reconcile')]: 'disabled' });
  expect(frozenBy(frozen, object({}))).toBe('metadata.annotations["kustomize.toolkit.fluxcd.io/reconcile"]');
  expect(frozenBy(object({}, { [flux('ssa')]: 'Ignore' }), object({}))).toBe(
    'metadata.labels["kustomize.toolkit.fluxcd.io/ssa"]',
  );
  expect(frozenBy(frozen, frozen)).toBeUndefined();
  expect(frozenBy(object({}), object({}))).toBeUndefined();
});

test('owner labels are added, and win', () => {
  const labels = { a: 'b', [flux('name')]: 'other' };
  expect(withOwnerLabels(object({}, labels), { name: 'app', namespace: 'flux-system' }).metadata['labels']).toEqual({
    ...{ a: 'b', [flux('name')]: 'app', [flux('namespace')]: 'flux-system' },
  });
});
