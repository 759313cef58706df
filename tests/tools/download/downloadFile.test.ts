import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { downloadFile } from '../../../tools/download/downloadFile';
import { Http } from '../../../tools/download/http';
import { publishFile } from '../support/publish';
import { redirectOf, startPublishers, type Publishers } from '../support/publishers';

const content = randomBytes(3_000_000);
const path = 'get.helm.sh/tool.tar.gz';
const url = `https://${path}`;

describe('downloadFile', () => {
  let folder: string;
  let file: string;
  let publishers: Publishers;
  let http: Http;
  let waits: number[];
  let onWait: () => void;
  let cuts: string[];
  let bytes: [number, number | undefined][];
  const download = (from = url): Promise<{ continued: boolean }> =>
    downloadFile(http, from, file, {
      onBytes: (done, total) => void bytes.push([done, total]),
      onCut: (message) => void cuts.push(message),
    });

  /** Where each request begins. */
  const continuedFrom = (): number[] =>
    publishers.requests.map((request) => Number(/bytes=(\d+)-$/.exec(request)?.[1] ?? 0));
  /** What was under way when the connection ended may be lost: at most a buffer full. */
  const expectContinued = (from: number | undefined, sent: number): void => {
    expect(from).toBeLessThanOrEqual(sent);
    expect(from).toBeGreaterThan(sent / 2);
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'publishers-'));
    file = join(folder, 'download', 'file.partial');
    publishFile(folder, path, content);
    publishers = await startPublishers(folder);
    [waits, cuts, bytes] = [[], [], []];
    onWait = () => undefined;
    http = new Http({
      env: { K8S_GITOPS_MIRROR: publishers.url },
      sleep: async (milliseconds) => {
        waits.push(milliseconds);
        await Promise.resolve(onWait());
      },
    });
  });
  afterEach(async () => {
    await http.close();
    await publishers.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('writes the file, reports bytes, and leaves nothing else', async () => {
    expect(await download()).toEqual({ continued: false });
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(bytes[0]).toEqual([0, content.length]);
    expect(bytes.at(-1)).toEqual([content.length, content.length]);
    expect(existsSync(`${file}.json`)).toBe(false);
    expect(publishers.requests).toEqual([`GET ${path}`]);
  });

  test('a connection that ends before the body is read is an error for its reader only', async () => {
    publishers.fail(path, { cutAfter: 20_000 });
    const reply = await http.get(url);
    await setTimeout(200);
    await expect(reply.body.bytes()).rejects.toThrow();
  });

  test('follows redirects to another host and path, as GitHub and dl.k8s.io send them', async () => {
    for (const asset of ['github.com/a/b/releases/download/v1/tool', 'dl.k8s.io/v1.34.1/bin/linux/amd64/kubectl']) {
      publishFile(folder, asset, content);
      await download(`https://${asset}`);
      expect(readFileSync(file).equals(content)).toBe(true);
      expect(publishers.requests.slice(-2)).toEqual([`GET ${asset}`, `GET ${redirectOf(asset)}`]);
      rmSync(file);
    }
  });

  test('continues after a cut in the middle, and only asks for the rest', async () => {
    publishers.fail(path, { cutAfter: 1_000_000 }, { cutAfter: 500_000 });
    await download();
    expect(readFileSync(file).equals(content)).toBe(true);
    const [first, ...rest] = continuedFrom();
    expect([first, rest.length]).toEqual([0, 2]);
    expectContinued(rest[0], 1_000_000);
    expectContinued(rest[1], (rest[0] ?? 0) + 500_000);
    expect(cuts.map((cut) => cut.replace(/\(.*\)/, ''))).toEqual(
      rest.map((bytes, index) => `${url} was cut  after ${bytes} bytes; continues in ${0.5 * (index + 1)} s`),
    );
  });

  test('starts over if the server ignores the range', async () => {
    publishers.fail(path, { cutAfter: 1_000_000 }, { ignoreRange: true });
    await download();
    expect(readFileSync(file).equals(content)).toBe(true);
  });

  test('starts over if the file has changed meanwhile', async () => {
    publishers.fail(path, { cutAfter: 1_000_000 });
    const changed = randomBytes(2_000_000);
    onWait = () => publishFile(folder, path, changed);
    await download();
    expect(readFileSync(file).equals(changed)).toBe(true);
  });

  test('continues what an earlier run left, even if that was the whole file', async () => {
    publishers.fail(path, { cutAfter: 2_000_000 }, { status: 404 });
    await expect(download()).rejects.toThrow(`${url} answers HTTP 404`);
    expect(await download()).toEqual({ continued: true });
    expect(readFileSync(file).equals(content)).toBe(true);
    expectContinued(continuedFrom().at(-1), 2_000_000);

    writeFileSync(file, content.subarray(0, 10));
    publishers.fail(path, { cutAfter: content.length - 1 }, { status: 404 });
    await expect(download()).rejects.toThrow('HTTP 404');
    writeFileSync(file, content);
    await download();
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(publishers.requests.at(-1)).toBe(`GET ${path} bytes=${content.length}-`);
  });

  test('does not continue a file of which it does not know the version', async () => {
    publishFile(folder, 'download/file.partial', 'left by something else');
    await download();
    expect(readFileSync(file).equals(content)).toBe(true);
    expect(publishers.requests).toEqual([`GET ${path}`]);
  });

  test('waits as long as Retry-After asks', async () => {
    publishers.fail(path, { status: 429, headers: { 'retry-after': '3' } }, { status: 503 });
    await download();
    expect(waits).toEqual([3000, 1000]);
    expect(readFileSync(file).equals(content)).toBe(true);
  });

  test('gives up when asked to wait for too long, and after five failures in a row', async () => {
    publishers.fail(path, { status: 429, headers: { 'retry-after': '3600' } });
    await expect(download()).rejects.toThrow(`${url} answers HTTP 429, and asks to wait 3600 s`);
    expect(waits).toEqual([]);
    publishers.fail(path, ...Array.from({ length: 5 }, () => ({ status: 500 })));
    await expect(download()).rejects.toThrow(`${url} answers HTTP 500`);
    expect(waits).toEqual([500, 1000, 2000, 4000]);
  });

  test('a cut counts as a failure in a row only if little has arrived', async () => {
    publishers.fail(path, { status: 500 }, { status: 500 }, { cutAfter: 1_500_000 }, { status: 500 });
    await download();
    expect(waits).toEqual([500, 1000, 500, 1000]);
  });

  test('gives up immediately on what will not pass', async () => {
    for (const status of [401, 403, 404, 410]) {
      publishers.fail(path, { status });
      await expect(download()).rejects.toThrow(`${url} answers HTTP ${status}`);
    }
    expect(waits).toEqual([]);
  });

  test('does not follow redirects in circles or away from https', async () => {
    const around = { status: 302, headers: { location: url } };
    publishers.fail(path, ...Array.from({ length: 6 }, () => around));
    await expect(download()).rejects.toThrow('redirects more than 5 times');
    publishers.fail(path, { status: 302, headers: { location: 'http://plain.example/tool' } });
    await expect(download()).rejects.toThrow(`${url} redirects to http://plain.example/tool, which is not https`);
  });

  test('remembers a host that cannot be reached', async () => {
    await publishers.close();
    const host = publishers.url.replace('http://', '');
    await expect(download()).rejects.toThrow(`${host} cannot be reached (ECONNREFUSED)`);
    const unreachable = await http.probe('dl.k8s.io');
    expect(unreachable).toMatchObject({ host, reason: 'ECONNREFUSED' });
    expect(waits).toEqual([]);
    publishers = await startPublishers(folder);
  });
});
