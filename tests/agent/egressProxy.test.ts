import type * as http from 'node:http';
import * as net from 'node:net';
import { createEgressProxy, nodeSocketPath } from '../../lab/agent/egressProxy';
import { egressSocket } from '../../lab/agent/processes';

const listen = (server: net.Server, at: string | number): Promise<void> =>
  new Promise((resolve) =>
    typeof at === 'string' ? server.listen(at, resolve) : server.listen(at, '127.0.0.1', resolve),
  );

/** Sends CONNECT and then a line; returns the entire response. */
function connect(socketPath: string, target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = net.connect(socketPath);
    let text = '';
    client.on('connect', () => client.write(`CONNECT ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`));
    client.on('data', (chunk) => {
      text += chunk.toString();
      if (text.startsWith('HTTP/1.1 200') && text.endsWith('\r\n\r\n')) client.write('hello\n');
    });
    client.on('end', () => resolve(text));
    client.on('error', reject);
  });
}

describe('the admission egress proxy', () => {
  const name = nodeSocketPath(egressSocket({ dir: `/nowhere/${process.pid}` }, 'c'));
  const lines: string[] = [];
  const upstream = net.createServer((socket) => socket.once('data', (data) => socket.end(`got ${data.toString()}`)));
  let proxy: http.Server;

  beforeAll(async () => {
    await listen(upstream, 0);
    const { port } = upstream.address() as net.AddressInfo;
    proxy = createEgressProxy(
      (host) => Promise.resolve(host === '10.0.0.1' ? { port } : { refused: 'Service a/b has no process in this lab' }),
      (line) => lines.push(line),
    );
    await listen(proxy, name);
  });

  afterAll(() => {
    proxy.close();
    upstream.close();
  });

  test('connects the API server to the host process', async () => {
    expect(await connect(name, '10.0.0.1:443')).toBe('HTTP/1.1 200 Connection established\r\n\r\ngot hello\n');
  });

  test('refuses with 503 and a reason in the status line, and logs it', async () => {
    expect(await connect(name, '10.0.0.2:443')).toContain('HTTP/1.1 503 Service a/b has no process in this lab\r\n');
    expect(lines).toEqual(['admission egress: 10.0.0.2:443 refused: Service a/b has no process in this lab']);
  });
});

describe('egressSocket', () => {
  test('has the maximum length and is unique per lab and cluster', () => {
    const socket = egressSocket({ dir: '/a/.lab' }, 'one');
    expect(socket).toMatch(/^@k8s-gitops-lab-[0-9a-f]{16}-one-\.+$/);
    expect(socket).toHaveLength(108);
    expect(egressSocket({ dir: '/b/.lab' }, 'one')).not.toBe(socket);
    expect(egressSocket({ dir: '/a/.lab' }, 'two')).not.toBe(socket);
  });

  test('leaves a socket path unchanged', () => {
    expect(nodeSocketPath('/run/x.sock')).toBe('/run/x.sock');
    expect(nodeSocketPath('@x')).toBe('\0x');
  });
});
