import * as fs from 'node:fs';
import * as http from 'node:http';
import * as path from 'node:path';
import { listen, runServer, type RunningServer } from '../runServer';

/** Configuration of the server of Helm repositories. */
export interface HelmRepositoriesConfig {
  /** Port on 127.0.0.1; 0 picks a free one. */
  port: number;
  /** The folder that charts are published into: one folder for each host. */
  root: string;
}

/** Starts the stand-in for publishers that have no OCI registry: it serves `/<host>/index.yaml` and the archives next to it. */
export function startHelmRepositories({ port, root }: HelmRepositoriesConfig): Promise<RunningServer> {
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname === '/healthz') return void response.end('ok\n');
    const file = path.join(root, path.posix.normalize(pathname));
    if (!/\.(yaml|tgz)$/.test(pathname) || !fs.existsSync(file)) {
      response.writeHead(404, { 'content-type': 'text/plain' });
      return void response.end('404 page not found\n');
    }
    response.writeHead(200, { 'content-length': fs.statSync(file).size });
    if (request.method === 'HEAD') return void response.end();
    fs.createReadStream(file).pipe(response);
  });
  return listen(server, port);
}

if (require.main === module) runServer('lab Helm repositories', startHelmRepositories);
