import * as fs from 'node:fs';
import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import type { Readiness } from './process';

/** Checks once whether a process is ready; returns undefined if it is, otherwise what is missing. */
export async function probe(ready: Readiness, log: { file: string; from: number }): Promise<string | undefined> {
  switch (ready.kind) {
    case 'http':
      return probeHttp(ready.url, ready.caFile);
    case 'tcp':
      return probeTcp(ready.host, ready.port);
    case 'log':
      return readFrom(log.file, log.from).includes(ready.text)
        ? undefined
        : `its log does not contain "${ready.text}" yet`;
    case 'exit':
      return 'it has not finished yet';
  }
}

/** Text of a file from a byte offset; empty if the file does not exist. */
export function readFrom(file: string, from: number): string {
  let handle: number;
  try {
    handle = fs.openSync(file, 'r');
  } catch {
    return '';
  }
  try {
    const size = Math.max(0, fs.fstatSync(handle).size - from);
    const buffer = Buffer.alloc(size);
    const read = fs.readSync(handle, buffer, 0, size, from);
    return buffer.toString('utf8', 0, read);
  } finally {
    fs.closeSync(handle);
  }
}

function probeHttp(url: string, caFile: string | undefined): Promise<string | undefined> {
  return new Promise((resolve) => {
    const onResponse = (response: http.IncomingMessage): void => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve(status >= 200 && status < 300 ? undefined : `GET ${url} returns ${status}`);
    };
    const options = { timeout: 2000, agent: false as const };
    let request: http.ClientRequest;
    if (url.startsWith('https:')) {
      const ca = caFile === undefined ? undefined : fs.readFileSync(caFile);
      request = https.get(url, { ...options, ca, rejectUnauthorized: ca !== undefined }, onResponse);
    } else {
      request = http.get(url, options, onResponse);
    }
    request.on('timeout', () => request.destroy(new Error('no response within 2 s')));
    request.on('error', (error) => resolve(`GET ${url}: ${error.message}`));
  });
}

function probeTcp(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, timeout: 2000 });
    const finish = (missing: string | undefined): void => {
      socket.destroy();
      resolve(missing);
    };
    socket.on('connect', () => finish(undefined));
    socket.on('timeout', () => finish(`${host}:${port} does not respond`));
    socket.on('error', (error) => finish(`${host}:${port}: ${error.message}`));
  });
}
