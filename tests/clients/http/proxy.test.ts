import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { EnvHttpProxyAgent, fetch, type Dispatcher } from 'undici';
import { CloudflareApi } from '../../../clients/cloudflare/api';
import { environmentDispatcher } from '../../../clients/http/proxy';
import { ConnectClient } from '../../../clients/onepassword/connectClient';

describe('through a proxy', () => {
  const servers: Server[] = [];
  /** `host:port` of every CONNECT request. */
  const tunnelled: string[] = [];
  let proxyUrl: string;
  const listen = async (server: Server): Promise<number> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };

  beforeAll(async () => {
    const body = '[{"id":"the-id","name":"v"}]';
    const port = await listen(createServer((_request, response) => response.end(body)));
    const tunnel = createServer().on('connect', (request, socket, head) => {
      tunnelled.push(request.url ?? '');
      const upstream = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.write(head);
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    proxyUrl = `http://127.0.0.1:${await listen(tunnel)}`;
  });
  afterEach(() => {
    tunnelled.length = 0;
    for (const name of ['http_proxy', 'https_proxy', 'NO_PROXY']) delete process.env[name];
  });
  afterAll(() =>
    servers.forEach((server) => {
      server.closeAllConnections();
      server.close();
    }),
  );

  test('1Password Connect is reached by its name', async () => {
    process.env.http_proxy = proxyUrl;
    const client = new ConnectClient('http://connect.example', 't', new AbortController().signal);
    expect(await client.vaultId('v')).toBe('the-id');
    expect(tunnelled).toEqual(['connect.example:80']);
    await client.close();
  });

  test('HTTPS_PROXY is used for 1Password Connect and Cloudflare', async () => {
    process.env.https_proxy = proxyUrl;
    const { signal } = new AbortController();
    const connectClient = new ConnectClient('https://connect.example', 't', signal, []);
    // The tunnel ends at a server without TLS, so both fail after it is open.
    await expect(connectClient.vaultId('v')).rejects.toThrow('cannot be reached');
    await connectClient.close();
    const cloudflare = new CloudflareApi('t', signal);
    await expect(cloudflare.call('GET', '/accounts')).rejects.toThrow('cannot be reached');
    await cloudflare.close();
    expect(tunnelled).toEqual(['connect.example:443', 'api.cloudflare.com:443']);
  });

  const warnings = jest.spyOn(process, 'emitWarning').mockImplementation();
  afterAll(() => warnings.mockRestore());
  // The differences that keep us from using undici's agent. Once this test fails, reconsider.
  test.each([
    ['a range in NO_PROXY', 'http://127.4.5.6', '127.0.0.0/8'],
    ['a parent domain in NO_PROXY', 'http://connect.example', 'example'],
  ])('undici’s EnvHttpProxyAgent ignores %s, and warns', async (_what, url, noProxy) => {
    process.env.http_proxy = proxyUrl;
    process.env.NO_PROXY = noProxy;
    const get = async (dispatcher: Dispatcher) => {
      await fetch(url, { dispatcher }).then(
        (response) => response.text(),
        () => undefined,
      );
      await dispatcher.close();
      return tunnelled.splice(0);
    };
    expect(await get(environmentDispatcher(url))).toEqual([]);
    expect(await get(new EnvHttpProxyAgent())).toEqual([`${new URL(url).host}:80`]);
    expect(warnings.mock.calls).toEqual([[expect.stringContaining('experimental'), { code: 'UNDICI-EHPA' }]]);
  });
});
