import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Http } from '../../tools/download/http';
import { releasesFor, type FileRelease, type Releases } from '../../tools/download/releases';
import type { ToolName } from '../../tools/manifest';
import { progressLine } from '../../tools/toolProgress';
import { ensureTools, isPresent, type ToolMode, type ToolProgress } from '../../tools/toolchain';
import { publishFile, publishRelease } from './support/publish';
import { startPublishers, type Publishers } from './support/publishers';

const names: readonly ToolName[] = ['crane', 'kubectl', 'kwok', 'cert-manager'];
const offered = releasesFor('amd64', {});
const releases: Releases = { crane: offered.crane, kubectl: offered.kubectl, kwok: offered.kwok };
const program = (version: string): string => `#!/bin/sh\necho ${version}\n`;

describe('ensureTools', () => {
  let folder: string;
  let publishers: Publishers;
  let events: ToolProgress[];
  const before = { ...process.env };
  const modules = (): string => join(folder, 'modules');
  const ensure = (mode?: ToolMode, tools = names): Promise<Record<string, string>> =>
    ensureTools(tools, (event) => events.push(event), {
      mode,
      toolsFolder: modules(),
      releases,
      http: { sleep: async () => Promise.resolve() },
    });
  const lines = (): string[] => events.map(progressLine).filter((line) => line !== undefined);
  const textOf = (path: string | undefined): string => readFileSync(path ?? '', 'utf8');
  /** The tools that were built, in order. */
  const builds = (): string[] =>
    existsSync(join(folder, 'builds')) ? textOf(join(folder, 'builds')).trim().split('\n') : [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tools-'));
    // A stand-in of Go: `go build … -o <file> <package>` writes a program that says where it is from; `go mod download`
    // returns the folder of a module.
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeFileSync(
      join(bin, 'go'),
      '#!/bin/sh\n' +
        `if [ "$1" = mod ]; then echo '{"Dir": "${folder}/source"}'; exit; fi\n` +
        `while [ "$1" != -o ]; do shift; done\necho "$3" >> ${folder}/builds\necho built > "$2"; chmod +x "$2"\n`,
    );
    chmodSync(join(bin, 'go'), 0o755);
    for (const module of ['modules/crane', 'modules/kubernetes', 'modules/kwok', 'cert-manager']) {
      mkdirSync(join(modules(), module), { recursive: true });
    }
    mkdirSync(join(folder, 'source'));
    writeFileSync(join(folder, 'source', 'file.go'), 'package one\n');
    const kwok = join(modules(), 'modules/kwok');
    writeFileSync(join(kwok, 'go.mod'), 'module kwok\n');
    writeFileSync(join(kwok, 'go.sum'), '');
    writeFileSync(
      join(kwok, 'source.patch'),
      '--- a/file.go\n+++ b/file.go\n@@ -1 +1 @@\n-package one\n+package two\n',
    );
    const publish = async (tool: 'crane' | 'kubectl' | 'kwok', version: string): Promise<void> => {
      const file = join(folder, tool);
      writeFileSync(file, program(version));
      await publishRelease(folder, offered[tool] as FileRelease, file);
    };
    await publish('crane', 'anything');
    await publish('kubectl', 'v1.34.1');
    await publish('kwok', 'v0.7.0');
    publishers = await startPublishers(folder);
    process.env.PATH = `${bin}:/usr/bin:/bin`;
    process.env.XDG_CACHE_HOME = join(folder, 'cache');
    process.env.K8S_GITOPS_MIRROR = publishers.url;
    events = [];
  });
  afterEach(async () => {
    await publishers.close();
    for (const name of ['PATH', 'XDG_CACHE_HOME', 'K8S_GITOPS_MIRROR']) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
    rmSync(folder, { recursive: true, force: true });
  });

  test('downloads what publishers offer, builds our own, and finds both afterwards', async () => {
    const paths = await ensure();
    expect(textOf(paths.kubectl)).toBe(program('v1.34.1'));
    expect(textOf(paths.crane)).toBe(program('anything'));
    expect(textOf(paths.kwok)).toBe(program('v0.7.0'));
    expect(textOf(paths['cert-manager'])).toBe('built\n');
    expect(builds()).toEqual(['.']);
    expect(events[0]).toEqual({ kind: 'missing', tools: names });
    const done = events.filter((event) => event.kind === 'tool' && event.phase === 'done');
    expect(done.map((event) => event.kind === 'tool' && [event.tool, event.source]).sort()).toEqual([
      ['cert-manager', 'built'],
      ['crane', 'downloaded'],
      ['kubectl', 'downloaded'],
      ['kwok', 'downloaded'],
    ]);
    expect(done.at(-1)).toMatchObject({ done: 4, total: 4 });
    const bytes = events.filter(
      (event) => event.kind === 'tool' && event.tool === 'kubectl' && event.phase === 'download',
    );
    expect(bytes[0]).not.toHaveProperty('doneBytes', expect.anything());
    expect(bytes.at(-1)).toMatchObject({ doneBytes: program('v1.34.1').length, totalBytes: program('v1.34.1').length });
    expect(lines()).toContain('tools: downloading kubectl v1.34.1 (0/4 done)');

    const requests = publishers.requests.length;
    expect(await ensure()).toEqual(paths);
    expect(publishers.requests).toHaveLength(requests);
    expect(isPresent('kubectl', { toolsFolder: modules(), releases })).toBe(true);
    expect(isPresent('kubectl', { toolsFolder: modules(), releases, mode: 'build' })).toBe(false);
  });

  test.each<[string, (path: string) => void, string]>([
    ['a folder', (path) => mkdirSync(path), 'is not a file'],
    ['empty', (path) => writeFileSync(path, '', { mode: 0o755 }), 'is empty'],
    ['not executable', (path) => writeFileSync(path, 'x', { mode: 0o644 }), 'is not executable'],
    [
      'cut off',
      (path) => writeFileSync(path, readFileSync(process.execPath).subarray(0, 5000), { mode: 0o755 }),
      'is incomplete',
    ],
  ])('a tool in the cache that is %s is provided again, which is said once', async (_, damage, problem) => {
    const tools: ToolName[] = ['crane', 'cert-manager'];
    const paths = await ensure('auto', tools);
    for (const name of tools) {
      const path = paths[name] ?? '';
      rmSync(path);
      damage(path);
      expect(isPresent(name, { toolsFolder: modules(), releases })).toBe(false);
    }
    events = [];
    expect(await ensure('auto', tools)).toEqual(paths);
    expect([textOf(paths.crane), textOf(paths['cert-manager'])]).toEqual([program('anything'), 'built\n']);
    for (const name of tools)
      expect(lines()).toContain(`tools: ${name}: ${paths[name]} ${problem}; it is provided again`);
    events = [];
    await ensure('auto', tools);
    expect(events).toEqual([]);
  });

  test('what killed runs left is removed, except downloads that can continue', async () => {
    const scratch = join(folder, 'cache', 'k8s-gitops', 'tools', 'scratch');
    mkdirSync(join(scratch, 'download-killed'), { recursive: true });
    writeFileSync(join(scratch, 'download-killed', 'binary'), 'half');
    writeFileSync(join(scratch, 'other.partial'), 'half');
    writeFileSync(join(scratch, 'other.partial.json'), '{}');
    await ensure('auto', ['crane']);
    expect(readdirSync(scratch).sort()).toEqual(['other.partial', 'other.partial.json']);
  });

  test('`build` neither downloads nor uses what was downloaded or is on PATH', async () => {
    const downloaded = await ensure();
    writeFileSync(join(folder, 'bin', 'kubectl'), program('v1.34.1'), { mode: 0o755 });
    expect((await ensure('auto')).kubectl).toBe(join(folder, 'bin', 'kubectl'));
    const requests = publishers.requests.length;
    const built = await ensure('build');
    expect([built.kubectl, built.crane, built.kwok].map(textOf)).toEqual(['built\n', 'built\n', 'built\n']);
    expect(built.crane).not.toBe(downloaded.crane);
    expect(publishers.requests).toHaveLength(requests);
  });

  test('builds what its publisher does not offer, and says why', async () => {
    rmSync(join(folder, 'dl.k8s.io'), { recursive: true });
    const paths = await ensure();
    expect(textOf(paths.kubectl)).toBe('built\n');
    expect(textOf(paths.crane)).toBe(program('anything'));
    expect(lines()).toContain(
      'tools: kubectl: not downloaded: a download that cannot be checked is not used: ' +
        'https://dl.k8s.io/v1.34.1/bin/linux/amd64/kubectl.sha256 answers HTTP 404',
    );
    expect(builds().sort()).toEqual(['.', 'k8s.io/kubernetes/cmd/kubectl']);
  });

  test('builds everything immediately if no publisher can be reached, and says so in one line', async () => {
    await publishers.close();
    const paths = await ensure();
    expect(Object.values(paths).map(textOf)).toEqual(['built\n', 'built\n', 'built\n', 'built\n']);
    const host = publishers.url.replace('http://', '');
    expect(lines().filter((line) => !/building|built/.test(line))).toEqual([
      `tools: cannot reach ${host} (ECONNREFUSED): downloads nothing from there`,
    ]);
    publishers = await startPublishers(folder);
  });

  test('`download` does not build what its publisher does not offer', async () => {
    rmSync(join(folder, 'dl.k8s.io'), { recursive: true });
    await expect(ensure('download')).rejects.toThrow('tools: kubectl could not be downloaded');
    expect(builds()).toEqual(['.']);
    await publishers.close();
    await expect(ensure('download')).rejects.toThrow('tools: kubectl could not be downloaded');
    publishers = await startPublishers(folder);
  });

  test('a wrong digest fails the run and is not built instead', async () => {
    publishFile(folder, 'dl.k8s.io/v1.34.1/bin/linux/amd64/kubectl', 'changed by someone');
    await expect(ensure()).rejects.toThrow(
      /kubectl from https:\/\/dl\.k8s\.io\/.*: the sha256 is [0-9a-f]{64}, expected/,
    );
    expect(builds()).not.toContain('k8s.io/kubernetes/cmd/kubectl');
    // The next run is not blocked by a lock, and sees it again.
    await expect(ensure()).rejects.toThrow('kubectl from https://dl.k8s.io/');
  });

  test('a version that is not the pinned one fails the run', async () => {
    const file = join(folder, 'other');
    writeFileSync(file, program('v1.34.10'));
    await publishRelease(folder, offered.kubectl as FileRelease, file);
    await expect(ensure()).rejects.toThrow('it reports "v1.34.10", expected v1.34.1');
  });

  /** Runs ensureTools in a process of its own. */
  const inProcess = async (...start: string[]): Promise<{ events: ToolProgress[]; paths: Record<string, string> }> => {
    const args = [JSON.stringify(names), modules(), JSON.stringify(releases)];
    const options = { cwd: join(__dirname, '..', '..'), env: { ...process.env } };
    const { stdout } = await promisify(execFile)(process.execPath, [...start, ...args], options);
    return JSON.parse(stdout) as { events: ToolProgress[]; paths: Record<string, string> };
  };

  test('two processes at the same time download each tool once', async () => {
    const start = ['--require', require.resolve('tsx/cjs'), join(__dirname, 'support', 'ensureTools.ts')];
    const runs = await Promise.all([inProcess(...start), inProcess(...start)]);
    expect(runs[0]?.paths).toEqual(runs[1]?.paths);
    const binaries = publishers.requests.filter((request) => request.endsWith('/kubectl') && request.includes('cdn.'));
    expect(binaries).toHaveLength(1);
    expect(builds()).toEqual(['.']);
    const done = runs
      .flatMap((result) => result.events)
      .filter((event) => event.kind === 'tool' && event.phase === 'done');
    expect(done).toHaveLength(names.length);
    expect(readdirSync(join(folder, 'cache', 'k8s-gitops', 'tools', 'scratch'))).toEqual([]);
    expect(existsSync(join(folder, 'cache', 'k8s-gitops', 'build.lock'))).toBe(false);
  }, 60_000);

  test('what provides tools is part of a precompiled entry point', async () => {
    const run = `require('./bin/precompiled.js').runPrecompiled('tests/tools/support/ensureTools.ts')`;
    const { paths } = await inProcess('--eval', run, 'program');
    expect(textOf(paths.kubectl)).toBe(program('v1.34.1'));
  }, 60_000);
});

test('publishers are reached through the proxy of the environment; a proxy that refuses counts as unreachable', async () => {
  const tunnels: string[] = [];
  const proxy = createServer().on('connect', ({ url }, socket) => {
    tunnels.push(url ?? '');
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  const http = new Http({ env: { HTTPS_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: 'ghcr.io' } });
  expect(await http.probe('dl.k8s.io')).toMatchObject({ host: 'dl.k8s.io', reason: 'Proxy response (403)' });
  expect(tunnels).toEqual(['dl.k8s.io:443']);
  await http.close();
  await new Promise((resolve) => proxy.close(resolve));
});

test.each([
  ['http', 'no response in time'],
  ['https', 'no connection in time'],
])('a host that accepts %s connections and stays silent counts as unreachable', async (scheme, reason) => {
  const silent = createTcpServer((socket) => socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as AddressInfo;
  const http = new Http({ env: { K8S_GITOPS_MIRROR: `${scheme}://127.0.0.1:${port}` }, connectTimeout: 200 });
  expect(await http.probe('dl.k8s.io')).toMatchObject({ host: `127.0.0.1:${port}`, reason });
  await http.close();
  await new Promise((resolve) => silent.close(resolve));
});
