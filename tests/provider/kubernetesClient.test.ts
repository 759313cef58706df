import { KubernetesClient } from '../../clients/kubernetes/client';
import { parseKubeconfig } from '../../clients/kubernetes/kubeconfig';
import { FakeApi, kubeconfigFor } from './support/fakeApi';
import { TestAuthority } from './support/pki';

let fake: FakeApi;
let api: KubernetesClient;
beforeEach(async () => {
  fake = await FakeApi.start();
  api = new KubernetesClient(parseKubeconfig(fake.kubeconfig), new AbortController().signal);
});
afterEach(async () => {
  api.close();
  await fake.stop();
});

describe('the Kubernetes client', () => {
  test('gets an object, and undefined for one that is not there', async () => {
    fake.handler = ({ path }) => (path === '/api/v1/namespaces/a' ? { body: { metadata: { name: 'a' } } } : undefined);
    expect(await api.get('/api/v1/namespaces/a')).toEqual({ metadata: { name: 'a' } });
    expect(await api.get('/api/v1/namespaces/b')).toBeUndefined();
  });

  test('lists, with nothing for an API that does not exist', async () => {
    fake.handler = ({ path }) =>
      path === '/api/v1/pods' ? { body: { items: [{ metadata: { name: 'p' } }] } } : undefined;
    expect(await api.list('/api/v1/pods', { labelSelector: 'a=b' })).toEqual([{ metadata: { name: 'p' } }]);
    expect(fake.requests[0]?.query).toEqual({ labelSelector: 'a=b' });
    expect(await api.list('/apis/no/v1/such')).toEqual([]);
  });

  test('lists metadata without contents', async () => {
    fake.handler = () => ({ body: { items: [] } });
    await api.listMetadata('/api/v1/secrets');
    expect(fake.requests[0]?.accept).toBe('application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1');
  });

  test('applies server-side, by force, as the field manager', async () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } };
    fake.handler = ({ body }) => ({ body });
    expect(await api.apply('/api/v1/namespaces/a/configmaps/c', object, 'helm')).toEqual(object);
    expect(fake.requests[0]).toMatchObject({
      method: 'PATCH',
      query: { fieldManager: 'helm', force: 'true' },
      body: object,
    });
  });

  test('a refusal names host, request, status and the API’s reason', async () => {
    fake.handler = () => ({ status: 403, body: { message: 'pods is forbidden' } });
    await expect(api.list('/api/v1/pods', { limit: '1' })).rejects.toThrow(
      `the Kubernetes API at ${fake.url} refused GET /api/v1/pods: 403 pods is forbidden; ` +
        'the kubeconfig has not the rights of an admin',
    );
  });

  test('does not try again unless told to', async () => {
    fake.handler = () => ({ status: 503, body: 'starting' });
    await expect(api.get('/a')).rejects.toThrow('503 starting');
    expect(fake.requests).toHaveLength(1);
  });

  test('readiness says which checks fail', async () => {
    fake.handler = () => ({
      status: 500,
      body: '[+]ping ok\n[-]etcd failed: reason withheld\n[-]poststarthook/rbac failed\n',
    });
    expect(await api.readiness()).toEqual({ ready: false, text: 'not yet: etcd, poststarthook/rbac' });
  });

  test('an API that does not listen is named', async () => {
    await fake.stop();
    const port = new URL(fake.url).port;
    await expect(api.get('/a')).rejects.toThrow(
      `the Kubernetes API at ${fake.url} cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
    fake = await FakeApi.start();
  });

  test('an API of another authority is not talked to', async () => {
    const other = await TestAuthority.create('other');
    const admin = await other.issue([]);
    const stranger = new KubernetesClient(
      parseKubeconfig(kubeconfigFor(fake.url, other.cert, admin)),
      new AbortController().signal,
    );
    await expect(stranger.get('/a')).rejects.toThrow('cannot be reached: self-signed certificate in certificate chain');
    stranger.close();
    expect(fake.requests).toEqual([]);
  });

  test('goes past a proxy', async () => {
    process.env.HTTPS_PROXY = 'http://127.0.0.1:1';
    try {
      expect(await api.get('/a')).toBeUndefined();
    } finally {
      delete process.env.HTTPS_PROXY;
    }
  });
});

describe('kubeconfig', () => {
  test('gives the current context’s server and PEMs', () => {
    const { server, certificateAuthority, clientKey } = parseKubeconfig(fake.kubeconfig);
    expect(server).toBe(fake.url);
    expect(certificateAuthority).toContain('BEGIN CERTIFICATE');
    expect(clientKey).toMatch(/BEGIN PRIVATE\sKEY/);
  });

  test.each([
    ['a: [', 'kubeconfig: is not YAML; give the kubeconfig that Talos made'],
    ['', 'kubeconfig: missing or of the wrong form: the document; give the kubeconfig that Talos made'],
    [
      '{current-context: a, contexts: [], clusters: [], users: []}',
      'kubeconfig: its current-context names no context with a cluster and a user in the file',
    ],
    [
      '{current-context: a, contexts: [], clusters: [{name: c, cluster: {server: "http://secret-host"}}], users: []}',
      'kubeconfig: missing or of the wrong form: clusters.0.cluster.server, ' +
        'clusters.0.cluster.certificate-authority-data; give the kubeconfig that Talos made',
    ],
  ])('refuses %j without quoting it', (text, message) => {
    expect(() => parseKubeconfig(text)).toThrow(message);
  });
});
