import { fieldDrifts } from '../../../gitops/drift/fieldDrifts';
import type { JsonMap, KubernetesObject } from '../../../gitops/kubernetesObject';

const flux = (name: string): string => `kustomize.toolkit.fluxcd.io/${name}`;
const object = (spec: JsonMap, metadata: JsonMap = {}): KubernetesObject => ({
  ...{ apiVersion: 'example.org/v1', kind: 'Thing', spec },
  metadata: { name: 'a', ...metadata },
});
const compare = (dryRun: KubernetesObject, live: KubernetesObject, wanted = dryRun) =>
  fieldDrifts({ wanted, live, dryRun, owner: 'kustomize-controller', secrets: [] });

test('a field that an apply would change', () => {
  expect(compare(object({ a: 1 }), object({ a: 2 }))).toEqual([{ path: 'spec.a', wanted: 1, found: 2 }]);
});

test.each([
  ['1h', '1h0m0s', true],
  ['90s', '1m30s', true],
  ['1h', '2h0m0s', false],
  ['1000m', '1', true],
  ['1Gi', '1024Mi', true],
  ['1Gi', '1G', false],
  ['1.10', '1.1', false],
  ['a', 'b', false],
])('%s written as %s by a controller: the same is %s', (wanted, found, isSame) => {
  expect(compare(object({ a: wanted }), object({ a: found }))).toHaveLength(isSame ? 0 : 1);
});

describe('what flux-operator keeps to itself', () => {
  const operator = { 'fluxcd.controlplane.io/name': 'flux' };
  const ignore = { [flux('ssa')]: 'Ignore' };
  const owner = { [flux('name')]: 'namespaces', [flux('namespace')]: 'flux-system' };

  test('lacks the labels of Flux and is frozen, which is not drift', () => {
    const live = object({}, { labels: { ...operator, a: 'b' }, annotations: ignore });
    const dryRun = object({}, { labels: { ...operator, ...owner, a: 'b' }, annotations: ignore });
    expect(compare(dryRun, live, object({}, { labels: { ...owner, a: 'b' } }))).toEqual([]);
  });

  test('may still lack what Git says', () => {
    const live = object({}, { labels: operator, annotations: ignore });
    const dryRun = object({}, { labels: { ...operator, ...owner, a: 'b' }, annotations: ignore });
    expect(compare(dryRun, live, object({}, { labels: { ...owner, a: 'b' } }))).toEqual([
      { path: 'metadata.labels.a', wanted: 'b' },
    ]);
  });

  test('of anything else, both are drift', () => {
    const live = object({}, { labels: {}, annotations: ignore });
    const dryRun = object({}, { labels: owner, annotations: ignore });
    expect(compare(dryRun, live, object({}, { labels: owner })).map(({ path }) => path)).toEqual([
      `metadata.labels["${flux('name')}"]`,
      `metadata.labels["${flux('namespace')}"]`,
      `metadata.annotations["${flux('ssa')}"]`,
    ]);
  });
});
