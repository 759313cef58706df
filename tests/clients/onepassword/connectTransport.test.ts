import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConnectTransport } from '../../../clients/onepassword/connectTransport';

describe('a server that fails', () => {
  let requests = 0;
  const server = http.createServer((_, response) => {
    requests++;
    response.writeHead(503).end();
  });
  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => new Promise((resolve) => server.close(resolve)));
  beforeEach(() => (requests = 0));

  test.each([
    ['gets another request after each pause', undefined, 3],
    ['gets no other request once patience is over, as with a server that took 30 s to say nothing', 0, 1],
  ])('%s', async (_, patience, expected) => {
    const transport = new ConnectTransport(url(), new AbortController().signal, [1, 1], patience);
    await expect(transport.request('get', `${url()}/v1/vaults`, { authToken: 'token' })).rejects.toThrow('503');
    expect(requests).toBe(expected);
    await transport.close();
  });
});
