import { KubernetesClient } from '../../../clients/kubernetes/client';
import { parseKubeconfig } from '../../../clients/kubernetes/kubeconfig';
import { FakeApi, kubeconfigFor } from '../support/fakeApi';
import { TestAuthority } from '../support/pki';

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
  test('gets an object, or undefined if it does not exist', async () => {
    fake.handler = ({ path }) => (path === '/api/v1/namespaces/a' ? { body: { metadata: { name: 'a' } } } : undefined);
    expect(await api.get('/api/v1/namespaces/a')).toEqual({ metadata: { name: 'a' } });
    expect(await api.get('/api/v1/namespaces/b')).toBeUndefined();
  });

  test('lists a collection; empty if its API does not exist', async () => {
    fake.handler = ({ path }) =>
      path === '/api/v1/pods' ? { body: { items: [{ metadata: { name: 'p' } }] } } : undefined;
    expect(await api.list('/api/v1/pods', { labelSelector: 'a=b' })).toEqual([{ metadata: { name: 'p' } }]);
    expect(fake.requests[0]?.query).toEqual({ labelSelector: 'a=b' });
    expect(await api.list('/apis/no/v1/such')).toEqual([]);
  });

  test('lists only metadata', async () => {
    fake.handler = () => ({ body: { items: [] } });
    await api.listMetadata('/api/v1/secrets');
    expect(fake.requests[0]?.accept).toBe('application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1');
  });

  test('applies server-side with force, as the field manager', async () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } };
    fake.handler = ({ body }) => ({ body });
    expect(await api.apply('/api/v1/namespaces/a/configmaps/c', object, 'helm')).toEqual(object);
    expect(fake.requests[0]).toMatchObject({
      method: 'PATCH',
      query: { fieldManager: 'helm', force: 'true' },
      body: object,
    });
  });

  test('an error response: the error contains host, request, status and message', async () => {
    fake.handler = () => ({ status: 403, body: { message: 'pods is forbidden' } });
    await expect(api.list('/api/v1/pods', { limit: '1' })).rejects.toThrow(
      `the Kubernetes API at ${fake.url} refused GET /api/v1/pods: 403 pods is forbidden; ` +
        'the kubeconfig does not have admin rights',
    );
  });

  test('does not retry by default', async () => {
    fake.handler = () => ({ status: 503, body: 'starting' });
    await expect(api.get('/a')).rejects.toThrow('503 starting');
    expect(fake.requests).toHaveLength(1);
  });

  test('readiness names the failing checks', async () => {
    fake.handler = () => ({
      status: 500,
      body: '[+]ping ok\n[-]etcd failed: reason withheld\n[-]poststarthook/rbac failed\n',
    });
    expect(await api.readiness()).toEqual({ ready: false, text: 'not ready: etcd, poststarthook/rbac' });
  });

  test('a server that does not listen: the error names it', async () => {
    await fake.stop();
    const port = new URL(fake.url).port;
    await expect(api.get('/a')).rejects.toThrow(
      `the Kubernetes API at ${fake.url} cannot be reached: connect ECONNREFUSED 127.0.0.1:${port}`,
    );
    fake = await FakeApi.start();
  });

  test('a server with a certificate of another CA is rejected', async () => {
    const other = await TestAuthority.create('other');
    const admin = await other.issue([]);
    const client = new KubernetesClient(
      parseKubeconfig(kubeconfigFor(fake.url, other.cert, admin)),
      new AbortController().signal,
    );
    await expect(client.get('/a')).rejects.toThrow('cannot be reached: self-signed certificate in certificate chain');
    client.close();
    expect(fake.requests).toEqual([]);
  });

  test('ignores proxy settings', async () => {
    process.env.HTTPS_PROXY = 'http://127.0.0.1:1';
    try {
      expect(await api.get('/a')).toBeUndefined();
    } finally {
      delete process.env.HTTPS_PROXY;
    }
  });
});

describe('kubeconfig', () => {
  test('returns server and certificates of the current context', () => {
    const { server, certificateAuthority, clientKey } = parseKubeconfig(fake.kubeconfig);
    expect(server).toBe(fake.url);
    expect(certificateAuthority).toContain('BEGIN CERTIFICATE');
    expect(clientKey).toMatch(/BEGIN PRIVATE\sKEY/);
  });

  test.each([
    ['a: [', 'kubeconfig: is not valid YAML; use the kubeconfig that Talos generated'],
    ['', 'kubeconfig: missing or invalid: the document; use the kubeconfig that Talos generated'],
    [
      '{current-context: a, contexts: [], clusters: [], users: []}',
      'kubeconfig: its current-context does not name a context whose cluster and user are in the file',
    ],
    [
      '{current-context: a, contexts: [], clusters: [{name: c, cluster: {server: "http://secret-host"}}], users: []}',
      'kubeconfig: missing or invalid: clusters.0.cluster.server, ' +
        'clusters.0.cluster.certificate-authority-data; use the kubeconfig that Talos generated',
    ],
  ])('rejects %j without quoting it', (text, message) => {
    expect(() => parseKubeconfig(text)).toThrow(message);
  });
});
