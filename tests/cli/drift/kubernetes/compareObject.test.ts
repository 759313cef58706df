import {
  compareObject,
  type Comparer,
  type ObjectResult,
  type Wanted,
} from '../../../../cli/drift/kubernetes/compareObject';
import { ApiResources } from '../../../../clients/kubernetes/apiResources';
import type { KubernetesObject } from '../../../../gitops/kubernetesObject';
import { hasRealApi, RealApi } from '../../../clients/support/realApi';

// Server-side apply is the API server's own: nothing that stands in for it would show what it does.
(hasRealApi ? describe : describe.skip)('an object in a real API server', () => {
  let server: RealApi;
  let comparer: Comparer;
  beforeAll(async () => {
    server = await RealApi.start();
    comparer = { api: server.client, resources: new ApiResources(server.client), signal: new AbortController().signal };
  }, 240_000);
  afterAll(() => server?.stop());

  const configMap = (name: string, data: Record<string, string>): KubernetesObject => ({
    ...{ apiVersion: 'v1', kind: 'ConfigMap', data },
    metadata: { name, namespace: 'default', labels: { app: name } },
  });
  const deployment = (name: string, spec: Record<string, unknown> = {}): KubernetesObject => ({
    ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
    metadata: { name, namespace: 'default' },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name, image: 'example.org/web:1', ports: [{ containerPort: 80 }] }] },
      },
      ...spec,
    },
  });
  const pathOf = (object: KubernetesObject): Promise<string> => comparer.resources.pathOf(object);
  const wanted = (object: KubernetesObject, rest: Partial<Wanted> = {}): Wanted => ({
    ...{ object, owner: 'kustomize-controller', secrets: [], onlyPresence: false, ...rest },
  });
  /** Applies an object as its owner, lets someone change it, and compares. */
  const after = async (
    object: KubernetesObject,
    change?: (path: string) => Promise<unknown>,
    rest: Partial<Wanted> = {},
  ): Promise<ObjectResult> => {
    const one = wanted(object, rest);
    const path = await pathOf(object);
    await server.client.apply(path, object, one.owner);
    await change?.(path);
    return compareObject(one, comparer);
  };
  const patch = (path: string, body: object, manager: string): Promise<unknown> =>
    server.client.request('PATCH', path, {
      ...{ body, contentType: 'application/merge-patch+json', query: { fieldManager: manager } },
    });
  const fieldsOf = (result: ObjectResult): unknown => (result.is === 'different' ? result.fields : result);

  test('is equal, defaults of the API server included', async () => {
    expect(await after(deployment('equal'))).toMatchObject({ is: 'equal' });
  });

  test('a value that someone changed, one that is gone, and a list', async () => {
    const changed = await after(configMap('changed', { one: '1', two: '2' }), (path) =>
      patch(path, { data: { one: 'x', two: null }, metadata: { labels: { app: 'other' } } }, 'someone'),
    );
    expect(fieldsOf(changed)).toEqual([
      { path: 'data.one', wanted: '1', found: 'x' },
      { path: 'data.two', wanted: '2' },
      { path: 'metadata.labels.app', wanted: 'changed', found: 'other' },
    ]);
    const role: KubernetesObject = {
      ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'web' } },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
    };
    const all = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
    expect(fieldsOf(await after(role, (path) => patch(path, { rules: all }, 'someone')))).toEqual([
      { path: 'rules', wanted: role['rules'], found: all },
    ]);
  });

  test('what someone added next to its owner', async () => {
    const added = await after(deployment('added'), (path) =>
      patch(path, { spec: { paused: true, revisionHistoryLimit: 1 } }, 'someone'),
    );
    expect(fieldsOf(added)).toEqual([
      { path: 'spec.paused', found: true, manager: 'someone' },
      { path: 'spec.revisionHistoryLimit', found: 1, manager: 'someone' },
    ]);
  });

  test('a label of another manager is not its owner’s to remove, one of kubectl is', async () => {
    const object = configMap('labels', { one: '1' });
    const label = { metadata: { labels: { extra: 'x' }, annotations: { note: 'y' } } };
    expect(await after(object, (path) => patch(path, label, 'someone'))).toMatchObject({ is: 'equal' });
    const byKubectl = await after(configMap('kubectl', { one: '1' }), (path) => patch(path, label, 'kubectl-label'));
    expect(fieldsOf(byKubectl)).toEqual([
      { path: 'metadata.labels.extra', found: 'x', manager: 'kubectl-label' },
      { path: 'metadata.annotations.note', found: 'y', manager: 'kubectl-label' },
    ]);
    // helm-controller takes over nothing.
    const ofHelm = await after(configMap('helm', { one: '1' }), (path) => patch(path, label, 'kubectl-label'), {
      owner: 'helm-controller',
    });
    expect(ofHelm).toMatchObject({ is: 'equal' });
  });

  test('a marker that keeps Flux from an object', async () => {
    const annotations = { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' };
    const frozen = await after(configMap('frozen', { one: '1' }), (path) =>
      patch(path, { metadata: { annotations }, data: { one: '2' } }, 'someone'),
    );
    expect(fieldsOf(frozen)).toEqual([
      { path: 'data.one', wanted: '1', found: '2' },
      { path: 'metadata.annotations["kustomize.toolkit.fluxcd.io/reconcile"]', found: 'disabled' },
    ]);
  });

  test('status, the scale of an autoscaler, and what a controller sets are not drift', async () => {
    const result = await after(deployment('controlled'), async (path) => {
      await patch(`${path}/status`, { status: { observedGeneration: 7, replicas: 3 } }, 'some-operator');
      await patch(`${path}/scale`, { spec: { replicas: 5 } }, 'horizontal-pod-autoscaler');
      await patch(path, { spec: { progressDeadlineSeconds: 77 } }, 'some-operator');
      await patch(path, { spec: { minReadySeconds: 3 } }, 'kube-controller-manager');
    });
    expect(result).toMatchObject({ is: 'equal' });
  });

  test('another manager that declares fields by server-side apply owns them', async () => {
    const result = await after(deployment('shared'), (path) =>
      server.client.apply(path, deployment('shared', { minReadySeconds: 5 }), 'other', { force: false }),
    );
    expect(result).toMatchObject({ is: 'equal' });
  });

  test('only the presence of some objects counts', async () => {
    const object = configMap('present', { one: '1' });
    const change = (path: string): Promise<unknown> => patch(path, { data: { one: '2' } }, 'someone');
    expect(await after(object, change, { onlyPresence: true })).toMatchObject({ is: 'equal' });
    await server.client.delete(await pathOf(object));
    expect(await compareObject(wanted(object, { onlyPresence: true }), comparer)).toEqual({ is: 'missing' });
  });

  test('secrets are masked, in Secrets and where a variable put them', async () => {
    const secret: KubernetesObject = {
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'token', namespace: 'default' } },
      data: { token: Buffer.from('open sesame').toString('base64') },
    };
    const data = { token: Buffer.from('changed').toString('base64') };
    expect(fieldsOf(await after(secret, (path) => patch(path, { data }, 'someone')))).toEqual([
      { path: 'data.token', wanted: '(masked)', found: '(masked)' },
    ]);
    const url = configMap('url', { url: 'https://me:open sesame@example.org' });
    const changed = await after(url, (path) => patch(path, { data: { url: 'x' } }, 'someone'), {
      secrets: ['open sesame'],
    });
    expect(fieldsOf(changed)).toEqual([{ path: 'data.url', wanted: 'https://me:(masked)@example.org', found: 'x' }]);
  });

  test('a field that cannot be changed is refused to its owner too', async () => {
    const object = deployment('immutable');
    await server.client.apply(await pathOf(object), object, 'kustomize-controller');
    const other = deployment('immutable', { selector: { matchLabels: { app: 'other' } } });
    const result = await compareObject(wanted(other), comparer);
    expect(result.is).toBe('refused');
    expect('why' in result && result.why).toMatch(/immutable|selector/);
  });

  test('a kind that the API server does not serve', async () => {
    const object = { ...configMap('none', {}), apiVersion: 'example.org/v1', kind: 'Thing' };
    expect(await compareObject(wanted(object), comparer)).toEqual({ is: 'unserved' });
  });
});
