import { createHash } from 'node:crypto';
import * as http from 'node:http';
import { readJson, writePrivate } from '../../files';
import { officialExtensions } from './officialExtensions';
import { listen, runServer, type RunningServer } from '../runServer';
import { canonicalSchematic, InvalidSchematic, schematicId } from '../../../cluster/schematicId';

/** Configuration of the image factory stand-in. */
export interface ImageFactoryConfig {
  /** Port on 127.0.0.1; 0 picks a free one. */
  port: number;
  /** File that stores the schematics. */
  stateFile: string;
  /** Available Talos versions, for example "v1.11.2". */
  versions: string[];
}

interface Answer {
  status: number;
  type: string;
  text: string;
}

const plain = (status: number, text: string): Answer => ({
  status,
  type: 'text/plain; charset=utf-8',
  text: `${text}\n`,
});
const json = (status: number, body: unknown): Answer => ({
  status,
  type: 'application/json',
  text: `${JSON.stringify(body)}\n`,
});

/**
 * Starts the stand-in for the Talos image factory. It stores schematics under the same ids as the real factory and
 * lists versions and official extensions. It does not build images.
 */
export function startImageFactory(config: ImageFactoryConfig): Promise<RunningServer> {
  const schematics = readJson<Record<string, string>>(config.stateFile) ?? {};
  const create = (body: string): Answer => {
    try {
      const id = schematicId(body);
      const schematic = canonicalSchematic(body);
      schematics[id] = schematic;
      writePrivate(config.stateFile, JSON.stringify(schematics));
      return json(201, { id, schematic });
    } catch (error) {
      if (error instanceof InvalidSchematic) return plain(400, error.message);
      throw error;
    }
  };
  const read = (path: string): Answer => {
    if (path === '/healthz') return plain(200, 'ok');
    if (path === '/versions') return json(200, config.versions);
    const [, version] = /^\/version\/([^/]+)\/extensions\/official$/.exec(path) ?? [];
    if (version !== undefined) return extensions(config.versions, version);
    const [, id] = /^\/schematics\/([^/]+)$/.exec(path) ?? [];
    if (id === undefined) return plain(404, '404 page not found');
    const schematic = schematics[id];
    return schematic === undefined
      ? plain(404, 'schematic not found')
      : { status: 200, type: 'application/yaml', text: schematic };
  };
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://factory');
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      let answer: Answer;
      try {
        const body = Buffer.concat(chunks).toString();
        if (request.method === 'POST' && pathname === '/schematics') answer = create(body);
        else if (request.method === 'GET' || request.method === 'HEAD') answer = read(pathname);
        else answer = plain(405, 'Method Not Allowed');
      } catch {
        answer = plain(500, 'internal server error');
      }
      response.writeHead(answer.status, { 'content-type': answer.type }).end(answer.text);
    });
  });
  return listen(server, config.port);
}

function extensions(versions: readonly string[], version: string): Answer {
  const tag = version.startsWith('v') ? version : `v${version}`;
  if (!/^v\d+\.\d+\.\d+(-[\w.]+)?$/.test(tag)) return plain(500, 'internal server error');
  if (!versions.includes(tag)) return plain(404, `Talos version ${tag} is not available`);
  return json(
    200,
    officialExtensions.map((name) => ({
      name,
      ref: `ghcr.io/${name}:${tag}-lab-stand-in`,
      digest: `sha256:${createHash('sha256').update(`${name} ${tag}`).digest('hex')}`,
      author: 'lab stand-in',
      description: 'listed by the lab stand-in; the image does not exist',
    })),
  );
}

if (require.main === module) runServer('lab Talos image factory stand-in', startImageFactory);
