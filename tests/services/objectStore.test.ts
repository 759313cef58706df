import { startObjectStore } from '../../lab/services/objectStore/standIn';
import type { RunningServer } from '../../lab/services/runServer';

let server: RunningServer;
beforeAll(async () => {
  server = await startObjectStore({ port: 0 });
});
afterAll(() => server.close());

const ask = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${server.port}${path}`, { method });

test('the object store is healthy and identifies itself as a stand-in', async () => {
  const answer = await ask('/minio/health/live');
  expect([answer.status, await answer.text(), answer.headers.get('server')]).toEqual([200, '', 'MinIO (lab stand-in)']);
});

test.each([
  ['GET', '/'],
  ['PUT', '/bucket/object'],
  ['POST', '/minio/health/live'],
])('%s %s is denied', async (method, path) => {
  const answer = await ask(path, method);
  expect(answer.status).toBe(403);
  expect(await answer.text()).toContain('<Code>AccessDenied</Code>');
});
