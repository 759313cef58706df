import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transient, Unavailable } from './failures';
import { failure, reasonOf, type Http, type Reply } from './http';
import { delayOrGiveUp } from './retry';

/** No file that a tool is in is larger. */
export const mostBytes = 1024 * 1024 * 1024;
/** Bytes after which a download that is cut again counts as progressing. */
const worthwhile = 1024 * 1024;

export interface DownloadOptions {
  readonly headers?: () => Promise<Record<string, string>>;
  readonly onBytes?: (done: number, total: number | undefined) => void;
  /** A download was cut and continues. */
  readonly onCut?: (message: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Downloads a URL to a file. Continues what an earlier attempt or an earlier run left there if the server says that it is
 * still the same (If-Range with the ETag or date of the first response); otherwise it starts over.
 * @returns whether it continued an earlier run's file
 * @throws Unavailable
 */
export async function downloadFile(
  http: Http,
  url: string,
  file: string,
  options: DownloadOptions = {},
): Promise<{ continued: boolean }> {
  mkdirSync(dirname(file), { recursive: true });
  const continued = sizeOf(file) > 0;
  for (let failures = 0; ;) {
    const before = sizeOf(file);
    try {
      await attempt(http, url, file, options);
      rmSync(recordOf(file), { force: true });
      return { continued };
    } catch (error) {
      if (options.signal?.aborted || !(error instanceof Transient)) throw error;
      const done = sizeOf(file);
      failures = done - before >= worthwhile ? 1 : failures + 1;
      const delay = delayOrGiveUp(error, failures);
      options.onCut?.(`${error.message} after ${done} bytes; continues in ${delay / 1000} s`);
      await http.sleep(delay, options.signal);
    }
  }
}

/** Removes a download and what is known about it. */
export function removeDownload(file: string): void {
  rmSync(file, { force: true });
  rmSync(recordOf(file), { force: true });
}

async function attempt(http: Http, url: string, file: string, options: DownloadOptions): Promise<void> {
  const validator = readValidator(file, url);
  const offset = validator === undefined ? 0 : sizeOf(file);
  const range: Record<string, string> =
    validator === undefined || offset === 0 ? {} : { range: `bytes=${offset}-`, 'if-range': validator };
  const reply = await http.get(url, { ...(await options.headers?.()), ...range }, options.signal);
  if (reply.status === 416) {
    const complete = reply.headers['content-range'] === `bytes */${offset}`;
    const refused = await failure(reply, url);
    if (complete) return;
    removeDownload(file);
    throw new Transient(refused.message);
  }
  const start = startOf(reply, offset);
  if (start === undefined) throw await failure(reply, url);
  const total = totalOf(reply, start);
  if ((total ?? 0) > mostBytes) {
    reply.body.destroy();
    throw tooLarge(url);
  }
  writeFileSync(recordOf(file), JSON.stringify({ url, validator: validatorOf(reply) }));
  await receive(reply, url, file, start, total, options);
}

/** Where the body of a response belongs; undefined if the response is not the file. */
function startOf({ status, headers }: Reply, offset: number): number | undefined {
  if (status === 200) return 0;
  const range = headers['content-range'];
  return status === 206 && typeof range === 'string' && range.startsWith(`bytes ${offset}-`) ? offset : undefined;
}

function totalOf({ headers }: Reply, start: number): number | undefined {
  const length = headers['content-length'];
  return typeof length === 'string' ? start + Number(length) : undefined;
}

async function receive(
  reply: Reply,
  url: string,
  file: string,
  start: number,
  total: number | undefined,
  { onBytes, signal }: DownloadOptions,
): Promise<void> {
  let done = start;
  onBytes?.(done, total);
  // Every write ends before the file's size decides where the next attempt continues; a stream that is cut has writes
  // under way.
  const handle = await open(file, start === 0 ? 'w' : 'a');
  try {
    const body = reply.body[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>;
    for (;;) {
      const next = await nextChunk(body, url, signal);
      if (next === undefined) break;
      if (done + next.length > mostBytes) throw tooLarge(url);
      await handle.appendFile(next);
      done += next.length;
      onBytes?.(done, total);
    }
  } finally {
    reply.body.destroy();
    await handle.close();
  }
  if (total !== undefined && done !== total) throw new Transient(`${url} was cut`);
}

/** Undefined at the end of the body. */
async function nextChunk(
  body: AsyncIterator<Buffer, undefined>,
  url: string,
  signal: AbortSignal | undefined,
): Promise<Buffer | undefined> {
  try {
    const next: IteratorResult<Buffer, undefined> = await body.next();
    return next.value;
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Transient(`${url} was cut (${reasonOf(error)})`);
  }
}

function tooLarge(url: string): Unavailable {
  return new Unavailable(`${url} has more than ${mostBytes} bytes`);
}

const recordOf = (file: string): string => `${file}.json`;

/** What If-Range may be sent with: a strong ETag, otherwise a date. */
function validatorOf({ headers }: Reply): string | undefined {
  const { etag, 'last-modified': date } = headers;
  if (typeof etag === 'string' && etag.startsWith('"')) return etag;
  return typeof date === 'string' ? date : undefined;
}

function readValidator(file: string, url: string): string | undefined {
  try {
    const record = JSON.parse(readFileSync(recordOf(file), 'utf8')) as { url?: string; validator?: string };
    return record.url === url ? record.validator : undefined;
  } catch {
    return undefined;
  }
}

function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}
