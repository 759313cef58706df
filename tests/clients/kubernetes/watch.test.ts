import { parseKubeconfig } from '../../../clients/kubernetes/kubeconfig';
import { keepWatching, splitLines, watchOnce } from '../../../clients/kubernetes/watch';
import { FakeApi } from '../support/fakeApi';

let api: FakeApi;
beforeAll(async () => {
  api = await FakeApi.start();
});
afterAll(() => api.stop());

const lines = (...events: object[]): string => events.map((event) => `${JSON.stringify(event)}\n`).join('');
const pod = (name: string): object => ({ metadata: { name } });
const watch = (onEvent: (type: string, object: { metadata: { name: string } }) => void): Promise<void> =>
  watchOnce(
    parseKubeconfig(api.kubeconfig),
    { path: '/api/v1/pods', query: { labelSelector: 'a=b' }, metadataOnly: true },
    new AbortController().signal,
    onEvent,
  );

test('reports every change until the server ends the watch, and nothing else', async () => {
  api.handler = () => ({
    body: lines(
      { type: 'ADDED', object: pod('a') },
      { type: 'BOOKMARK', object: pod('') },
      { type: 'MODIFIED', object: pod('a') },
      { type: 'DELETED', object: pod('a') },
    ),
  });
  const seen: string[] = [];
  await watch((type, object) => seen.push(`${type} ${object.metadata.name}`));
  expect(seen).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
  const request = api.requests.at(-1);
  expect(request?.query).toEqual({ labelSelector: 'a=b', watch: '1', timeoutSeconds: '1800' });
  expect(request?.accept).toBe('application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1');
});

test('fails if the API does not exist', async () => {
  api.handler = () => undefined;
  await expect(watch(() => undefined)).rejects.toThrow('watch /api/v1/pods: found status 404, expected 200');
});

test('fails with the reason if the server ends it with an error', async () => {
  const status = { kind: 'Status', code: 410, message: 'too old resource version: 1 (2)' };
  api.handler = () => ({ body: lines({ type: 'ERROR', object: status }) });
  await expect(watch(() => undefined)).rejects.toThrow('watch /api/v1/pods: too old resource version: 1 (2)');
});

test('lines are complete however the stream is cut', () => {
  const seen: string[] = [];
  const push = splitLines((line) => seen.push(line));
  for (const chunk of ['{"a"', ':1}\n{"b":', '2}\n\n{"c":3}\n{"d"']) push(chunk);
  expect(seen).toEqual(['{"a":1}', '{"b":2}', '{"c":3}']);
});

test('watches again after an end and after a failure, until it is aborted', async () => {
  const replies = [
    { body: lines({ type: 'ADDED', object: pod('a') }) },
    undefined,
    { body: lines({ type: 'ADDED', object: pod('b') }) },
  ];
  api.handler = () => replies.shift();
  const stop = new AbortController();
  const seen: string[] = [];
  const request = { path: '/api/v1/pods' };
  const connection = parseKubeconfig(api.kubeconfig);
  await keepWatching<{ metadata: { name: string } }>(connection, request, 1, stop.signal, (_type, { metadata }) => {
    seen.push(metadata.name);
    if (metadata.name === 'b') stop.abort();
  });
  expect(seen).toEqual(['a', 'b']);
});
