import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubernetesClient } from '../../../clients/kubernetes/client';
import { KubernetesRefused } from '../../../clients/kubernetes/errors';
import { parseAnyKubeconfig, parseKubeconfig } from '../../../clients/kubernetes/kubeconfig';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const kubeconfig = (user: object, server = 'https://127.0.0.1:6443/', current = 'a'): string =>
  JSON.stringify({
    'current-context': current,
    contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': base64('CA') } }],
    users: [{ name: 'u', user }],
  });
const admin = { 'client-certificate-data': base64('CRT'), 'client-key-data': base64('KEY') };

test.each([
  ['parseKubeconfig', parseKubeconfig],
  ['parseAnyKubeconfig', parseAnyKubeconfig],
])('%s returns the connection of the current context', (_name, parse) => {
  expect(parse(kubeconfig(admin))).toEqual({
    server: 'https://127.0.0.1:6443',
    certificateAuthority: 'CA',
    clientCertificate: 'CRT',
    clientKey: 'KEY',
    token: undefined,
    serverName: undefined,
  });
});

describe('a kubeconfig that Talos did not write', () => {
  test.each([
    ['plain http', kubeconfig(admin, 'http://127.0.0.1:8001'), 'clusters.0.cluster.server'],
    ['a token', kubeconfig({ token: 't' }), 'users.0.user.client-certificate-data, users.0.user.client-key-data'],
  ])('%s is accepted by parseAnyKubeconfig only', (_what, text, keys) => {
    expect(parseAnyKubeconfig(text).server).toMatch(/^https?:/);
    expect(() => parseKubeconfig(text)).toThrow(
      `kubeconfig: missing or invalid: ${keys}; use the kubeconfig that Talos generated`,
    );
  });

  test('no user is accepted by parseAnyKubeconfig only', () => {
    const text = JSON.stringify({ ...(JSON.parse(kubeconfig({})) as object), users: undefined });
    expect(parseAnyKubeconfig(text)).toMatchObject({ server: 'https://127.0.0.1:6443', token: undefined });
    expect(() => parseKubeconfig(text)).toThrow(
      'kubeconfig: its current-context does not name a context whose cluster and user are in the file',
    );
  });

  test('an unknown context is an error', () => {
    expect(() => parseAnyKubeconfig(kubeconfig(admin, undefined, 'b'))).toThrow(
      'kubeconfig: its current-context does not name a context whose cluster and user are in the file',
    );
  });

  test('a broken one is not quoted: it contains credentials', () => {
    expect(() => parseAnyKubeconfig('{secret: [')).toThrow(
      /^kubeconfig: is not valid YAML; see `kubectl config view`$/,
    );
    expect(() => parseAnyKubeconfig('')).toThrow('kubeconfig: missing or invalid: the document');
  });
});

describe('a client for plain http', () => {
  const seen: { url?: string; authorization?: string; type?: string; body: string }[] = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { authorization, 'content-type': type } = request.headers;
      seen.push({ url: request.url, authorization, type, body });
      const found = request.url !== '/missing';
      response.writeHead(found ? 200 : 404);
      response.end(found ? '{}' : JSON.stringify({ reason: 'NotFound', message: 'pods "x" not found' }));
    });
  });
  let api: KubernetesClient;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    api = new KubernetesClient(parseAnyKubeconfig(kubeconfig({ token: 't' }, `http://127.0.0.1:${port}`)));
  });
  beforeEach(() => seen.splice(0));
  afterAll(async () => {
    api.close();
    await new Promise((resolve) => server.close(resolve));
  });

  test('sends the bearer token', async () => {
    await api.get('/api');
    expect(seen).toEqual([{ url: '/api', authorization: 'Bearer t', type: undefined, body: '' }]);
  });

  test('sends a dry run, and forces it only if requested', async () => {
    await api.apply('/x', { kind: 'X' }, 'm', { dryRun: true, force: false });
    expect(seen[0]).toMatchObject({
      url: '/x?fieldManager=m&force=false&dryRun=All',
      type: 'application/apply-patch+yaml',
      body: '{"kind":"X"}',
    });
  });

  test('sends other patches and reads from the cache', async () => {
    const patch = { contentType: 'application/merge-patch+json', body: { status: {} } };
    await api.request('PATCH', '/x/status', patch);
    expect(seen[0]).toMatchObject({ type: 'application/merge-patch+json', body: '{"status":{}}' });
    expect(await api.list('/pods', { resourceVersion: '0' })).toEqual([]);
    expect(seen[1]?.url).toBe('/pods?resourceVersion=0');
  });

  test('a missing object is undefined, or a refusal with the server’s reason and message', async () => {
    expect(await api.get('/missing')).toBeUndefined();
    const refusal = await api.request('GET', '/missing').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(KubernetesRefused);
    expect(refusal).toMatchObject({ status: 404, reason: 'NotFound', detail: 'pods "x" not found' });
  });
});
