import * as fs from 'node:fs';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { probe, readFrom } from '../../lab/executor/readiness';
import { temporaryDir } from './helpers';

const dir = temporaryDir();
const log = { file: path.join(dir, 'log'), from: 0 };
let code = 200;
const server = http.createServer((_request, response) => {
  response.statusCode = code;
  response.end();
});
let port = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

test('http: ready on 2xx, otherwise reports the status', async () => {
  const ready = { kind: 'http', url: `http://127.0.0.1:${port}/healthz` } as const;
  code = 200;
  expect(await probe(ready, log)).toBeUndefined();
  code = 503;
  expect(await probe(ready, log)).toBe(`GET ${ready.url} returns 503`);
});

test('http: nothing listens', async () => {
  const missing = await probe({ kind: 'http', url: 'http://127.0.0.1:1/' }, log);
  expect(missing).toBe('GET http://127.0.0.1:1/: connect ECONNREFUSED 127.0.0.1:1');
});

test('tcp: ready once it accepts connections', async () => {
  expect(await probe({ kind: 'tcp', host: '127.0.0.1', port }, log)).toBeUndefined();
  expect(await probe({ kind: 'tcp', host: '127.0.0.1', port: 1 }, log)).toBe(
    '127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1',
  );
});

test('log: only text written since the start counts', async () => {
  fs.writeFileSync(log.file, 'ready before\n');
  const from = fs.statSync(log.file).size;
  const ready = { kind: 'log', text: 'ready' } as const;
  expect(await probe(ready, { file: log.file, from })).toBe('its log does not contain "ready" yet');
  fs.appendFileSync(log.file, 'ready now\n');
  expect(await probe(ready, { file: log.file, from })).toBeUndefined();
  expect(readFrom(log.file, from)).toBe('ready now\n');
  expect(readFrom(path.join(dir, 'none'), 0)).toBe('');
});
