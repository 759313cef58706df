import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { ConnectClient } from '../../clients/onepassword/connectClient';
import { proxyFor } from '../../clients/onepassword/proxyFor';

const proxy = 'http://127.0.0.1:3128';

test.each([
  ['https://op.example.org', {}, true],
  ['https://op.example.org', { NO_PROXY: 'example.org' }, false],
  ['https://op.example.org', { NO_PROXY: '.example.org, other' }, false],
  ['https://op.example.org', { NO_PROXY: 'ample.org' }, true],
  ['https://op.example.org:8443', { NO_PROXY: 'op.example.org:443' }, true],
  ['https://127.4.5.6', { NO_PROXY: '127.0.0.0/8,localhost' }, false],
  ['https://128.4.5.6', { NO_PROXY: '127.0.0.0/8,localhost' }, true],
  ['https://op.example.org', { no_proxy: '*' }, false],
])('%s with %j goes through the proxy: %s', (url, env, through) => {
  expect(proxyFor(url, { HTTPS_PROXY: proxy, ...env })).toBe(through ? proxy : undefined);
});

test('HTTP_PROXY is for http alone', () => {
  expect(proxyFor('http://a.example', { HTTPS_PROXY: proxy })).toBeUndefined();
  expect(proxyFor('http://a.example', { http_proxy: proxy })).toBe(proxy);
});

test('Connect is reached through the proxy by its name', async () => {
  const listen = (server: ReturnType<typeof createServer>) =>
    new Promise<number>((done) => server.listen(0, '127.0.0.1', () => done((server.address() as AddressInfo).port)));
  const vaults = createServer((_request, response) => response.end('[{"id":"the-id","name":"v"}]'));
  const port = await listen(vaults);
  const asked: string[] = [];
  const tunnel = createServer().on('connect', (request, socket, head) => {
    asked.push(request.url ?? '');
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  process.env.http_proxy = `http://127.0.0.1:${await listen(tunnel)}`;
  const client = new ConnectClient('http://connect.example', 't', new AbortController().signal);
  delete process.env.http_proxy;
  expect(await client.vaultId('v')).toBe('the-id');
  expect(asked).toEqual(['connect.example:80']);
  await client.close();
  tunnel.closeAllConnections();
  tunnel.close();
  vaults.close();
});
