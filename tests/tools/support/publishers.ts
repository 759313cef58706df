import { createHash } from 'node:crypto';
import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** What goes wrong with one response. */
export interface Fault {
  /** Answers with this status instead. */
  status?: number;
  headers?: Record<string, string>;
  /** Closes the connection after so many bytes of the body. */
  cutAfter?: number;
  /** Sends the whole file although a part was requested. */
  ignoreRange?: boolean;
  /** Sends this instead of the file, under the file's ETag. */
  content?: Buffer;
}

export interface Publishers {
  /** For K8S_GITOPS_MIRROR. */
  url: string;
  /** Method, path and range of every request, in order. */
  requests: string[];
  /** The next requests of a path fail in these ways, one each. Paths are those of URLs, without the scheme. */
  fail: (path: string, ...faults: Fault[]) => void;
  close: () => Promise<void>;
}

const token = 'anonymous-token-of-the-stand-in';
const repositoryOf = (path: string): string => /^[^/]+\/v2\/(.+)\/(?:manifests|blobs)\//.exec(path)?.[1] ?? '';

/**
 * A stand-in of the publishers of tools, as a mirror: `/<host>/<path>` is what `https://<host>/<path>` is. It redirects to
 * the hosts that the publishers redirect to, wants a token where they do, and refuses a token where they do.
 *
 * Real are the paths, file formats and protocols; how the publishers' servers behave beyond that has not been seen here.
 *
 * @param folder files written by `publishRelease` and `publishFile`
 * @param rate bytes per second of one response; unlimited if absent
 */
export async function startPublishers(folder: string, rate?: number): Promise<Publishers> {
  const faults = new Map<string, Fault[]>();
  const requests: string[] = [];
  /** Storage that publishers redirect to: URL path without the scheme to the file it stands for. */
  const storage = new Map<string, string>();

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').slice(1);
    const { range } = request.headers;
    requests.push(`${request.method} ${path}${range === undefined ? '' : ` ${range}`}`);
    const fault = faults.get(path)?.shift();
    if (fault?.status !== undefined) return end(response, fault.status, fault.headers);
    const [host = ''] = path.split('/');
    if (host === 'ghcr.io' && path.startsWith('ghcr.io/token?')) return endJson(response, { token });
    if (host === 'ghcr.io' && path.startsWith('ghcr.io/v2/') && request.headers.authorization !== `Bearer ${token}`) {
      const scope = `repository:${repositoryOf(path)}:pull`;
      const challenge = `Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="${scope}"`;
      return end(response, 401, { 'www-authenticate': challenge });
    }
    const next = redirectOf(path);
    if (next !== undefined) {
      storage.set(next.split('?')[0] ?? '', path);
      return end(response, 302, { location: `https://${next}` });
    }
    const stored = storage.get(path.split('?')[0] ?? '');
    // As object stores do: the signature in the URL is the only credential.
    if (stored !== undefined && request.headers.authorization !== undefined) return end(response, 400);
    await sendFile(request, response, join(folder, stored ?? path), { ...fault, rate });
  };

  const server = createServer((request, response) => {
    respond(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fail: (path, ...more) => void faults.set(path, [...(faults.get(path) ?? []), ...more]),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Where a publisher redirects a path to, without the scheme; undefined if it answers itself. */
export function redirectOf(path: string): string | undefined {
  const id = createHash('sha256').update(path).digest('hex').slice(0, 12);
  if (/^github\.com\/[^/]+\/[^/]+\/releases\/download\//.test(path)) {
    return `release-assets.githubusercontent.com/github-production-release-asset/${id}?sig=stand-in`;
  }
  if (path.startsWith('dl.k8s.io/') && path !== 'dl.k8s.io/')
    return path.replace('dl.k8s.io/', 'cdn.dl.k8s.io/release/');
  if (/^ghcr\.io\/v2\/.+\/blobs\//.test(path))
    return `pkg-containers.githubusercontent.com/ghcr1/blobs/${id}?sig=stand-in`;
  if (path.startsWith('registry.k8s.io/v2/')) {
    return path.replace('registry.k8s.io/v2/', 'us-west1-docker.pkg.dev/v2/k8s-artifacts-prod/images/');
  }
  return undefined;
}

async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: string,
  { cutAfter, ignoreRange, content, rate }: Fault & { rate?: number },
): Promise<void> {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile()) return end(response, 404);
  const size = content?.length ?? stat.size;
  const etag = `"${stat.size.toString(16)}-${Math.round(stat.mtimeMs).toString(16)}"`;
  const same = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
  const [, first] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? [];
  const start = first !== undefined && same && ignoreRange !== true ? Number(first) : 0;
  if (start > 0 && start >= size) return end(response, 416, { 'content-range': `bytes */${size}` });
  response.writeHead(start > 0 ? 206 : 200, {
    etag,
    'accept-ranges': 'bytes',
    'content-length': size - start,
    'content-type': contentType(file),
    ...(start > 0 && { 'content-range': `bytes ${start}-${size - 1}/${size}` }),
  });
  if (request.method === 'HEAD' || size === 0) return void response.end();
  if (content !== undefined) return void response.end(content);
  if (cutAfter !== undefined) {
    // Ends the connection without an error, so that everything written arrives.
    response.write(readFileSync(file).subarray(start, start + cutAfter), () => response.socket?.end());
    return;
  }
  await pipeline(createReadStream(file, { start }), throttle(rate), response);
}

function throttle(rate: number | undefined): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (rate === undefined) done(null, chunk);
      else setTimeout(() => done(null, chunk), (chunk.length / rate) * 1000);
    },
  });
}

function contentType(file: string): string {
  if (!/\/v2\/.*\/manifests\//.test(file)) return 'application/octet-stream';
  return (JSON.parse(readFileSync(file, 'utf8')) as { mediaType: string }).mediaType;
}

function end(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-length': 0, ...headers }).end();
}

function endJson(response: ServerResponse, content: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(content));
}
