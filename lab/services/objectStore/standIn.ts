import * as http from 'node:http';
import { listen, runServer, type RunningServer } from '../runServer';

/** Configuration of the object store stand-in. */
export interface ObjectStoreConfig {
  /** Port on 127.0.0.1; 0 takes a free one. */
  port: number;
}

const denied =
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  '<Error><Code>AccessDenied</Code><Message>Access Denied.</Message><Resource>lab stand-in: no buckets</Resource></Error>\n';

/** Starts the stand-in for MinIO: it says that it lives, and lets nobody at any bucket. Not built: buckets, objects. */
export function startObjectStore({ port }: ObjectStoreConfig): Promise<RunningServer> {
  const server = http.createServer((request, response) => {
    response.setHeader('server', 'MinIO (lab stand-in)');
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (reads && request.url === '/minio/health/live') response.writeHead(200).end();
    else response.writeHead(403, { 'content-type': 'application/xml' }).end(denied);
  });
  return listen(server, port);
}

if (require.main === module) runServer('lab object store stand-in', startObjectStore);
