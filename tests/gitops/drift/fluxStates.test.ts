import {
  commitOf,
  explainedBy,
  type FluxState,
  fluxStateOf,
  sourceOf,
  timeoutOf,
} from '../../../gitops/drift/fluxStates';
import type { JsonMap, KubernetesObject } from '../../../gitops/kubernetesObject';

const kustomization = (spec: JsonMap, status?: JsonMap, metadata: JsonMap = {}): KubernetesObject => ({
  ...{ apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', spec },
  metadata: { name: 'app', namespace: 'flux-system', generation: 2, ...metadata },
  ...(status !== undefined && { status: { observedGeneration: 2, ...status } }),
});
const condition = (type: string, status: string, reason = 'R', message = 'm'): JsonMap => ({
  ...{ type, status, reason, message, lastTransitionTime: 'T' },
});
const stateOf = (object: KubernetesObject, ...broken: string[]): FluxState =>
  fluxStateOf(object, (name) => broken.includes(name));
const failed = { is: 'not-ready', reason: 'R', message: 'm', since: 'T' };

test.each<[string, KubernetesObject, unknown]>([
  ['ready', kustomization({}, { conditions: [condition('Ready', 'True')] }), { is: 'ready' }],
  ['no status at all', kustomization({}), { is: 'ready' }],
  ['no conditions yet', kustomization({}, {}), { is: 'reconciling' }],
  ['not ready', kustomization({}, { conditions: [condition('Ready', 'False')] }), failed],
  ['ready unknown', kustomization({}, { conditions: [condition('Ready', 'Unknown')] }), { is: 'reconciling' }],
  [
    'ready, and reconciling',
    kustomization({}, { conditions: [condition('Ready', 'True'), condition('Reconciling', 'True', 'Progressing')] }),
    { is: 'reconciling' },
  ],
  [
    'failed, and trying again',
    kustomization(
      {},
      {
        conditions: [condition('Ready', 'False'), condition('Reconciling', 'True', 'ProgressingWithRetry')],
      },
    ),
    failed,
  ],
  [
    'stalled',
    kustomization({}, { conditions: [condition('Ready', 'False'), condition('Stalled', 'True')] }),
    { ...failed, is: 'stalled' },
  ],
  [
    'a generation that it has not seen',
    kustomization({}, { observedGeneration: 1, conditions: [condition('Ready', 'True')] }),
    { is: 'reconciling' },
  ],
  [
    'a generation that only the condition has seen, as of a FluxInstance',
    {
      ...kustomization({}),
      status: { conditions: [{ ...condition('Ready', 'True'), observedGeneration: 2 }] },
    },
    { is: 'ready' },
  ],
  [
    'a generation that only the condition could have seen, and has not',
    {
      ...kustomization({}),
      status: { conditions: [{ ...condition('Ready', 'True'), observedGeneration: 1 }] },
    },
    { is: 'reconciling' },
  ],
  [
    'a request that it has not handled',
    kustomization(
      {},
      { conditions: [condition('Ready', 'True')] },
      { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } },
    ),
    { is: 'reconciling' },
  ],
  ['suspended', kustomization({ suspend: true }, { conditions: [condition('Ready', 'False')] }), { is: 'suspended' }],
])('%s', (_, object, expected) => {
  expect(stateOf(object)).toEqual(expected);
});

test('waits for a dependency that is not broken, and does not for one that is', () => {
  const conditions = [condition('Ready', 'False', 'DependencyNotReady')];
  const object = kustomization({ dependsOn: [{ name: 'base' }] }, { conditions });
  expect(stateOf(object)).toEqual({ is: 'reconciling' });
  expect(stateOf(object, 'Kustomization flux-system/base')).toMatchObject({ is: 'not-ready' });
});

test('what is not ready because of another', () => {
  const one = (name: string, reason: string, spec: JsonMap): { object: KubernetesObject; state: FluxState } => ({
    object: kustomization(spec, {}, { name }),
    state: { is: 'not-ready', reason, message: '' },
  });
  const all = [
    one('dependent', 'DependencyNotReady', { dependsOn: [{ name: 'base' }] }),
    one('wrong-itself', 'BuildFailed', { dependsOn: [{ name: 'base' }] }),
    one('reader', 'ArtifactFailed', { sourceRef: { kind: 'GitRepository', name: 'repo' } }),
    one('waiting', 'HealthCheckFailed', {}),
    { object: kustomization({ dependsOn: [{ name: 'base' }] }, {}, { name: 'fine' }), state: { is: 'ready' } as const },
  ];
  expect(explainedBy('Kustomization flux-system/base', undefined, all)).toEqual([
    'Kustomization flux-system/dependent',
  ]);
  expect(explainedBy('GitRepository flux-system/repo', undefined, all)).toEqual(['Kustomization flux-system/reader']);
  expect(explainedBy('HelmRelease a/b', 'Kustomization flux-system/waiting', all)).toEqual([
    'Kustomization flux-system/waiting',
  ]);
});

test('sources, timeouts and revisions', () => {
  expect(sourceOf(kustomization({ chartRef: { kind: 'OCIRepository', name: 'c' } }))).toEqual({
    ...{ kind: 'OCIRepository', name: 'c', namespace: 'flux-system' },
  });
  expect(sourceOf(kustomization({}))).toBeUndefined();
  expect([
    timeoutOf(kustomization({ timeout: '90s', interval: '1h' })),
    timeoutOf(kustomization({ interval: '2m' })),
  ]).toEqual([90, 120]);
  const sha = 'a'.repeat(40);
  expect([`main@sha1:${sha}`, sha, 'v1.0.0@sha256:abc', '1.2.3'].map(commitOf)).toEqual([
    sha,
    sha,
    undefined,
    undefined,
  ]);
});
