import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as path from 'node:path';
import { importRepository, type ImportedRepository } from './importRepository';
import { listen, runServer, type RunningServer } from '../runServer';

/** Configuration of the lab's git server. */
export interface GitServerConfig {
  /** Port on 127.0.0.1; 0 picks a free one. */
  port: number;
  /** Folder of the bare repositories, `<owner>/<name>.git`. */
  root: string;
  /** Third-party repositories to serve as well. */
  imports: ImportedRepository[];
}

/**
 * Serves the lab's repositories over smart HTTP with `git http-backend`. Through the egress proxy it behaves like a
 * public host for an anonymous user: reads work with and without `.git`; unknown repositories and pushes require
 * credentials. Direct connections to its port can push.
 */
export async function startGitServer(config: GitServerConfig): Promise<RunningServer> {
  for (const repository of config.imports) importRepository(config.root, repository);
  const server = http.createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname === '/healthz') return void response.end('ok\n');
    const [, name, service] =
      /^\/((?:[A-Za-z0-9][\w.-]*\/)*[\w.-]+?)(?:\.git)?\/(info\/refs|HEAD|objects\/.*|git-(?:upload|receive)-pack)$/.exec(
        url.pathname,
      ) ?? [];
    const proxied = request.headers['x-forwarded-host'] !== undefined;
    const push = service === 'git-receive-pack' || url.searchParams.get('service') === 'git-receive-pack';
    const exists =
      name !== undefined && !name.includes('..') && fs.existsSync(path.join(config.root, `${name}.git`, 'HEAD'));
    if (!exists || service === undefined || (proxied && push)) {
      request.resume();
      response.writeHead(401, { 'www-authenticate': 'Basic realm="lab git stand-in"', 'content-type': 'text/plain' });
      return void response.end(exists ? 'Authentication is required to push.\n' : 'Repository not found.\n');
    }
    runBackend(config.root, `/${name}.git/${service}`, url.search.slice(1), push, request, response);
  });
  return listen(server, config.port);
}

function runBackend(
  root: string,
  pathInfo: string,
  query: string,
  push: boolean,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): void {
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join(', ') : value;
  };
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    PATH_INFO: pathInfo,
    QUERY_STRING: query,
    REQUEST_METHOD: request.method,
    REMOTE_ADDR: '127.0.0.1',
    // http-backend rejects pushes without a user.
    ...(push ? { REMOTE_USER: 'lab' } : {}),
  };
  const contentType = header('content-type');
  const contentLength = header('content-length');
  const encoding = header('content-encoding');
  const protocol = header('git-protocol');
  if (contentType !== undefined) env.CONTENT_TYPE = contentType;
  if (contentLength !== undefined) env.CONTENT_LENGTH = contentLength;
  if (encoding !== undefined) env.HTTP_CONTENT_ENCODING = encoding;
  if (protocol !== undefined) env.GIT_PROTOCOL = protocol;

  const child = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.on('error', (error) => {
    response.writeHead(500, { 'content-type': 'text/plain' });
    response.end(`lab git stand-in: ${error.message}\n`);
  });
  child.stdin.on('error', () => undefined);
  request.pipe(child.stdin);
  response.on('close', () => child.kill());

  let head: Buffer | undefined = Buffer.alloc(0);
  child.stdout.on('data', (chunk: Buffer) => {
    if (head === undefined) {
      if (!response.write(chunk)) {
        child.stdout.pause();
        response.once('drain', () => child.stdout.resume());
      }
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const { status, headers } = parseHead(head.subarray(0, end).toString());
    const rest = head.subarray(end + 4);
    head = undefined;
    response.writeHead(status, headers);
    if (rest.length > 0) response.write(rest);
  });
  child.stdout.on('end', () => {
    if (head !== undefined && !response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
    response.end();
  });
}

/** Parses the header block of a CGI response. */
export function parseHead(text: string): { status: number; headers: Record<string, string> } {
  const headers: Record<string, string> = {};
  let status = 200;
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'status') status = Number.parseInt(value, 10);
    else headers[name] = value;
  }
  return { status, headers };
}

if (require.main === module) runServer('lab git stand-in', startGitServer);
