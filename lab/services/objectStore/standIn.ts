import * as http from 'node:http';
import { listen, runServer, type RunningServer } from '../runServer';

/** Configuration of the object store stand-in. */
export interface ObjectStoreConfig {
  /** Port on 127.0.0.1; 0 picks a free one. */
  port: number;
}

const accessDenied =
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  '<Error><Code>AccessDenied</Code><Message>Access Denied.</Message><Resource>lab stand-in: no buckets</Resource></Error>\n';

/**
 * Starts the stand-in for MinIO: it reports healthy and denies every other request. Not implemented: buckets, objects.
 */
export function startObjectStore({ port }: ObjectStoreConfig): Promise<RunningServer> {
  const server = http.createServer((request, response) => {
    response.setHeader('server', 'MinIO (lab stand-in)');
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (isRead && request.url === '/minio/health/live') response.writeHead(200).end();
    else response.writeHead(403, { 'content-type': 'application/xml' }).end(accessDenied);
  });
  return listen(server, port);
}

if (require.main === module) runServer('lab object store stand-in', startObjectStore);
