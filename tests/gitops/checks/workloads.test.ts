import { allowedDisruptions, budgetBlocksDrain, withoutBudget } from '../../../gitops/checks/budgets';
import { selects } from '../../../gitops/checks/facts/pods';
import { checkWorkload, tagOf } from '../../../gitops/checks/workloads';
import type { Json, KubernetesObject } from '../../../gitops/kubernetesObject';
import { findingsOf, handTree } from './handTree';

const workload = (kind: string, spec: Json, more: Record<string, Json> = {}): KubernetesObject => ({
  apiVersion: kind === 'Pod' ? 'v1' : kind === 'Job' || kind === 'CronJob' ? 'batch/v1' : 'apps/v1',
  kind,
  metadata: { name: 'x', namespace: 'a' },
  spec:
    kind === 'Pod'
      ? spec
      : kind === 'CronJob'
        ? { jobTemplate: { spec: { template: { spec } } } }
        : { ...more, template: { metadata: { labels: { app: 'x' } }, spec } },
});
const good: Record<string, Json> = {
  name: 'c',
  image: 'x/y:1.0.0',
  resources: { requests: { cpu: '1m', memory: '1Mi' } },
  livenessProbe: {},
  readinessProbe: {},
  ports: [{ containerPort: 80 }],
  securityContext: {
    runAsNonRoot: true,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
};
const ids = (object: KubernetesObject, level?: 'restricted' | 'baseline'): string[] =>
  checkWorkload(object, level).map(({ id }) => id);
const without = (...keys: string[]): Record<string, Json> =>
  Object.fromEntries(Object.entries(good).filter(([key]) => !keys.includes(key)));

test.each([
  ['x/y:1.0', '1.0'],
  ['x/y', undefined],
  ['host:5000/y', undefined],
  ['host:5000/y:latest', 'latest'],
  ['x/y@sha256:00', '@'],
  ['x/y:latest@sha256:00', '@'],
])('the tag of %s is %s', (image, expected) => expect(tagOf(image)).toBe(expected));

describe('checkWorkload', () => {
  test('reports nothing for a valid workload of any kind, or for an object without pods', () => {
    for (const kind of ['Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob']) {
      expect(ids(workload(kind, { containers: [good] }), 'restricted')).toEqual([]);
    }
    expect(ids({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' } })).toEqual([]);
    expect(ids({ ...workload('Deployment', {}), apiVersion: 'example.org/v1' })).toEqual([]);
  });

  test('requires probes of sidecars, but not of jobs and init containers', () => {
    const bare = without('livenessProbe', 'readinessProbe');
    expect(ids(workload('Job', { containers: [bare] }))).toEqual([]);
    expect(ids(workload('Deployment', { containers: [good], initContainers: [bare] }))).toEqual([]);
    const sidecar = { ...bare, restartPolicy: 'Always' };
    expect(ids(workload('Deployment', { containers: [good], initContainers: [sidecar] }))).toEqual([
      'workload-without-probe',
    ]);
  });

  test('requires a readiness probe only if the container has ports', () => {
    expect(ids(workload('Deployment', { containers: [without('readinessProbe', 'ports')] }))).toEqual([]);
    expect(ids(workload('Deployment', { containers: [without('readinessProbe')] }))).toHaveLength(1);
  });

  test('accepts limits, and requests of the pod, as requests', () => {
    const limited = { ...good, resources: { limits: { cpu: '1', memory: '1Gi' } } };
    expect(ids(workload('Deployment', { containers: [limited] }))).toEqual([]);
    const pod = { containers: [without('resources')], resources: { requests: { cpu: '1', memory: '1Gi' } } };
    expect(ids(workload('Deployment', pod))).toEqual([]);
  });

  test("falls back to the pod's security context", () => {
    const securityContext = {
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    };
    const pod = (more: Record<string, Json>): KubernetesObject =>
      workload('Deployment', {
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [{ ...good, securityContext: { ...securityContext, ...more } }],
      });
    expect(ids(pod({}), 'restricted')).toEqual([]);
    expect(ids(pod({ runAsNonRoot: false }), 'restricted')).toEqual(['workload-may-be-root']);
  });

  test('reports a privileged container once, and only where it is not allowed', () => {
    const container = { ...good, securityContext: { privileged: true } };
    expect(ids(workload('DaemonSet', { containers: [container] }))).toEqual([]);
    expect(ids(workload('DaemonSet', { containers: [container] }), 'baseline')).toEqual(['workload-privileged']);
  });

  test('accepts exactly the capabilities that Pod Security allows', () => {
    const adding = (name: string): KubernetesObject =>
      workload('DaemonSet', {
        containers: [
          {
            ...good,
            securityContext: { ...(good['securityContext'] as object), capabilities: { drop: ['ALL'], add: [name] } },
          },
        ],
      });
    expect(ids(adding('NET_BIND_SERVICE'), 'restricted')).toEqual([]);
    expect(ids(adding('NET_ADMIN'), 'restricted')).toEqual(['workload-privileged']);
    expect(ids(adding('CHOWN'), 'baseline')).toEqual([]);
    expect(ids(adding('CHOWN'), 'restricted')).toEqual(['workload-not-restricted']);
  });
});

test.each([
  [{ maxUnavailable: 1 }, 3, 1],
  [{ maxUnavailable: '10%' }, 3, 1],
  [{ maxUnavailable: 0 }, 3, 0],
  [{ minAvailable: 1 }, 1, 0],
  [{ minAvailable: '50%' }, 3, 1],
  [{ minAvailable: '100%' }, 3, 0],
])('a budget of %j for %d pods allows %d disruptions', (spec, replicas, count) => {
  const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b' }, spec };
  expect(allowedDisruptions(budget, replicas).count).toBe(count);
});

describe('withoutBudget', () => {
  const deployment = workload('Deployment', { containers: [good] }, { replicas: 1 });
  const scaler: KubernetesObject = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'h', namespace: 'a' },
    spec: { scaleTargetRef: { kind: 'Deployment', name: 'x' }, minReplicas: 2 },
  };
  const budget = (selector: Json, namespace = 'a'): KubernetesObject => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b', namespace },
    spec: { maxUnavailable: 1, selector },
  });
  const count = (...objects: KubernetesObject[]): number => withoutBudget([deployment, ...objects]).length;

  test('respects the minimum of an autoscaler', () => {
    expect(count()).toBe(0);
    expect(count(scaler)).toBe(1);
  });

  test('requires a budget for these pods in this namespace', () => {
    expect(count(scaler, budget({ matchLabels: { app: 'x' } }))).toBe(0);
    expect(count(scaler, budget({ matchLabels: { app: 'y' } }))).toBe(1);
    expect(count(scaler, budget({ matchLabels: { app: 'x' } }, 'b'))).toBe(1);
  });
});

test('ignores a budget for pods that an operator creates', () => {
  const budget =
    'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: b, namespace: a}\nspec: {minAvailable: 1, selector: {matchLabels: {app: z}}}\n';
  expect(findingsOf(budgetBlocksDrain, handTree([{ name: 'flux-system', files: { 'b.yaml': budget } }]))).toEqual([]);
});

test.each([
  [{}, true],
  [{ matchLabels: { app: 'x' } }, true],
  [{ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['x'] }] }, false],
  [{ matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['x'] }] }, true],
  [{ matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, false],
  [{ matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }, true],
])('%j selects app: x: %s', (selector, expected) => expect(selects(selector, { app: 'x' })).toBe(expected));
