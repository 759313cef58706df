import { X509Certificate } from 'node:crypto';
import * as fs from 'node:fs';
import * as http from 'node:http';
import type * as net from 'node:net';
import * as path from 'node:path';
import * as tls from 'node:tls';
import { authorityFiles, createAuthority, loadAuthority } from '../../lab/services/proxy/pki';
import { startProxy } from '../../lab/services/proxy/proxy';
import { listen, type RunningServer } from '../../lab/services/runServer';
import { temporaryFolder } from './temporaryFolder';

const folder = temporaryFolder();
const refusedLog = path.join(folder, 'refused.log');
const running: RunningServer[] = [];
let proxyPort = 0;
let ca = '';

beforeAll(async () => {
  await createAuthority(folder);
  ca = fs.readFileSync(authorityFiles(folder).certificate, 'utf8');
  const echo = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      const body = Buffer.concat(chunks).toString();
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ method, url, host: headers.host, forwarded: headers['x-forwarded-host'], body }));
    });
  });
  const upstream = await listen(echo, 0);
  const origin = `http://127.0.0.1:${upstream.port}`;
  const proxy = await startProxy({
    port: 0,
    authority: authorityFiles(folder),
    refusedLog,
    hosts: [
      { host: 'git.example', upstream: origin },
      { host: 'registry.example', upstream: origin, registry: true },
      { host: 'charts.example', upstream: origin, shared: true },
      { host: 'dead.example', upstream: 'http://127.0.0.1:1' },
      { host: 'later.example', refusal: 'not built yet' },
    ],
  });
  proxyPort = proxy.port;
  running.push(proxy, upstream);
});

afterAll(async () => {
  for (const server of running) await server.close();
});

interface Reply {
  status: number;
  reason: string;
  body: string;
}

/** Sends a CONNECT request: the proxy's reply, and the socket of the tunnel. */
function connect(authority: string): Promise<{ reply: Reply; socket: net.Socket }> {
  return new Promise((resolve, reject) => {
    const request = http.request({
      host: '127.0.0.1',
      port: proxyPort,
      method: 'CONNECT',
      path: authority,
      agent: false,
    });
    request.on('connect', (response, socket, head) => {
      const reply = { status: response.statusCode ?? 0, reason: response.statusMessage ?? '', body: head.toString() };
      resolve({ reply, socket: socket });
    });
    request.on('error', reject);
    request.end();
  });
}

async function ask(host: string, target: string, method = 'GET', body = ''): Promise<Reply & { authorized: boolean }> {
  const { socket } = await connect(`${host}:443`);
  const secure = tls.connect({ socket, servername: host, ca, ALPNProtocols: ['h2', 'http/1.1'] });
  return new Promise((resolve, reject) => {
    secure.on('error', reject);
    const request = http.request({ createConnection: () => secure, method, path: target, headers: { host } });
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const reason = response.statusMessage ?? '';
        resolve({ status: response.statusCode ?? 0, reason, body: text, authorized: secure.authorized });
        secure.destroy();
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

describe('the lab certificate authority', () => {
  test('keeps its key private and is created once', async () => {
    const files = authorityFiles(folder);
    expect(fs.statSync(files.privateKey).mode & 0o777).toBe(0o600);
    const before = fs.readFileSync(files.certificate, 'utf8');
    await createAuthority(folder);
    expect(fs.readFileSync(files.certificate, 'utf8')).toBe(before);
  });

  test('issues a server certificate for the requested name only', async () => {
    const authority = await loadAuthority(authorityFiles(folder));
    const pair = await authority.issue('one.example');
    const leaf = new X509Certificate(pair.certificate);
    expect(leaf.checkHost('one.example')).toBe('one.example');
    expect(leaf.checkHost('two.example')).toBeUndefined();
    expect(leaf.ca).toBe(false);
    expect(leaf.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true);
    expect(await authority.issue('one.example')).toBe(pair);
  });
});

describe('the egress proxy', () => {
  test('presents a trusted certificate and forwards the request with its body', async () => {
    const reply = await ask('git.example', '/a/b?c=d', 'POST', 'hello');
    expect(reply.status).toBe(200);
    expect(reply.authorized).toBe(true);
    expect(JSON.parse(reply.body)).toEqual({
      method: 'POST',
      url: '/a/b?c=d',
      host: 'git.example',
      forwarded: 'git.example',
      body: 'hello',
    });
  });

  test('separates registries that share an upstream', async () => {
    const manifest = await ask('registry.example', '/v2/charts/x/manifests/1.0.0');
    expect(JSON.parse(manifest.body).url).toBe('/v2/registry.example/charts/x/manifests/1.0.0');
    const ping = await ask('registry.example', '/v2/');
    expect(JSON.parse(ping.body).url).toBe('/v2/');
  });

  test('separates hosts that share an upstream, and lets no one write there', async () => {
    const index = await ask('charts.example', '/stable/index.yaml');
    expect(JSON.parse(index.body).url).toBe('/charts.example/stable/index.yaml');
    expect((await ask('charts.example', '/stable/index.yaml', 'PUT', 'x')).status).toBe(403);
  });

  test('refuses pushes to a registry', async () => {
    const reply = await ask('registry.example', '/v2/charts/x/manifests/1.0.0', 'PUT', '{}');
    expect(reply.status).toBe(403);
    expect(reply.body).toBe('lab egress proxy: refused: registry.example does not accept PUT without a login\n');
  });

  test('refuses an unknown host, with the reason in the reason phrase and the log', async () => {
    const { reply, socket } = await connect('api.unknown.example:443');
    socket.destroy();
    const why = 'the lab has no stand-in for api.unknown.example and no access to the internet';
    expect(reply.status).toBe(403);
    expect(reply.reason).toBe(`Refused by the lab egress proxy: ${why}`);
    expect(fs.readFileSync(refusedLog, 'utf8')).toMatch(
      new RegExp(`^\\d{4}-\\S+Z api\\.unknown\\.example:443 ${why}$`, 'm'),
    );
  });

  test('refuses a host whose rule has no upstream, and a port that the host does not serve', async () => {
    const later = await connect('later.example:443');
    const port = await connect('git.example:22');
    later.socket.destroy();
    port.socket.destroy();
    expect(later.reply.reason).toBe('Refused by the lab egress proxy: not built yet');
    expect(port.reply.reason).toBe('Refused by the lab egress proxy: git.example does not serve port 22');
  });

  test('reports a stand-in that does not respond', async () => {
    const reply = await ask('dead.example', '/');
    expect(reply.status).toBe(502);
    expect(reply.body).toContain('lab egress proxy: no response from the stand-in for dead.example');
  });

  test('serves clients that request https URLs without a tunnel', async () => {
    const response = await new Promise<Reply>((resolve, reject) => {
      const options = { host: '127.0.0.1', port: proxyPort, path: 'https://git.example/v1/x', agent: false as const };
      http
        .get(options, (answer) => {
          let body = '';
          answer.on('data', (chunk: Buffer) => (body += chunk.toString()));
          answer.on('end', () => resolve({ status: answer.statusCode ?? 0, reason: '', body }));
        })
        .on('error', reject);
    });
    expect(JSON.parse(response.body)).toMatchObject({ url: '/v1/x', host: 'git.example' });
  });

  test('rejects requests that are not proxy requests', async () => {
    const response = await fetch(`http://127.0.0.1:${proxyPort}/`);
    expect(response.status).toBe(400);
    expect((await fetch(`http://127.0.0.1:${proxyPort}/healthz`)).status).toBe(200);
  });
});
