import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { ProviderApi } from '../../lab/plugins/cloudflare/api';
import { rootToken } from '../services/cloudflareLab';

/**
 * Makes a call to a server that responds with these statuses in turn; returns the result and the delays between
 * attempts.
 */
async function callServer(...statuses: number[]) {
  const rest = [...statuses];
  const server = http.createServer((_, response) => {
    const status = rest.shift() ?? 200;
    const errors = status === 200 ? [] : [{ code: 1, message: 'no' }];
    response.writeHead(status).end(JSON.stringify({ success: status === 200, result: { id: 'x' }, errors }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const waits: number[] = [];
  const api = new ProviderApi({ apiToken: rootToken, baseUrl }, new AbortController().signal, (milliseconds) =>
    Promise.resolve(waits.push(milliseconds)),
  );
  const result = await api.request('POST', '/things', {}).catch((error: Error) => error.message);
  server.closeAllConnections();
  server.close();
  return { result, waits, left: rest.length, baseUrl };
}

test.each([409, 429, 500])('retries %i twice', async (status) => {
  expect(await callServer(status, status, 200)).toMatchObject({ result: { id: 'x' }, waits: [500, 1000] });
});

test("fails after three attempts with the real provider's message", async () => {
  const { result, baseUrl } = await callServer(409, 409, 409);
  expect(result).toBe(
    `failed to make http request: POST "${baseUrl}/things": 409 Conflict ` +
      '{"success":false,"result":{"id":"x"},"errors":[{"code":1,"message":"no"}]}',
  );
});

test.each([400, 403, 404])('does not retry %i', async (status) => {
  expect(await callServer(status, 200)).toMatchObject({ waits: [], left: 1 });
});
