import * as fs from 'node:fs';
import * as net from 'node:net';
import type { AddressInfo } from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { choosePort, forgetReservations, isListening, listListeners, parseListeners, reserve } from '../../lab/ports';
import { choosePrefix, takenEndpoint } from '../../lab/up/choosePrefix';
import { createLabContext } from '../../lab/context';
import { temporaryDir } from './helpers';

const dir = temporaryDir();

afterAll(() => [dir, `${dir}/a`, `${dir}/b`, `${dir}/.lab`].forEach(forgetReservations));

test('parses listening sockets from the kernel’s tables', () => {
  const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid
   0: 0B0B197F:C350 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1
   1: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 2
`;
  const tcp6 = `  sl  local_address                         remote_address                        st
   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 0
   1: 0000000000000000FFFF00000100007F:0050 00000000000000000000000000000000:0000 0A 0
`;
  expect(parseListeners(tcp)).toEqual([{ address: '127.25.11.11', port: 50000 }]);
  expect(parseListeners(tcp6)).toEqual([
    { address: '0.0.0.0', port: 22 },
    { address: '127.0.0.1', port: 80 },
  ]);
});

test('a listener on all addresses occupies the port everywhere', () => {
  const listeners = [{ address: '0.0.0.0', port: 6443 }];
  expect(isListening('127.25.11.11', 6443, listeners)).toBe(true);
  expect(isListening('127.25.11.11', 50000, listeners)).toBe(false);
});

test('detects a real listener', async () => {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.9', resolve));
  const { port } = server.address() as AddressInfo;
  expect(isListening('127.0.0.9', port)).toBe(true);
  expect(isListening('127.0.0.8', port)).toBe(false);
  await new Promise((resolve) => server.close(resolve));
});

test('chooses different free ports outside the ephemeral range', () => {
  const first = choosePort(dir, new Set());
  const second = choosePort(dir, new Set([first]));
  expect(second).not.toBe(first);
  const used = listListeners().map(({ port }) => port);
  for (const port of [first, second]) {
    expect(port).toBeGreaterThanOrEqual(20000);
    expect(port).toBeLessThan(32000);
    expect(used).not.toContain(port);
  }
});

test('another lab does not get a port that a live process has reserved', () => {
  const mine = choosePort(`${dir}/a`, new Set());
  // Only the reserved port is left.
  const taken = new Set(Array.from({ length: 12000 }, (_, at) => 20000 + at).filter((port) => port !== mine));
  expect(() => choosePort(`${dir}/b`, taken)).toThrow(
    new Error('lab: no free TCP port from 20000 to 31999 on 127.0.0.1; stop some of the processes that use them'),
  );
});

test('a reservation is available to other labs once it is released', () => {
  expect(reserve('labcore-test', `${dir}/a`)).toBe(true);
  expect(reserve('labcore-test', `${dir}/a`)).toBe(true);
  expect(reserve('labcore-test', `${dir}/b`)).toBe(false);
  forgetReservations(`${dir}/a`);
  expect(reserve('labcore-test', `${dir}/b`)).toBe(true);
  forgetReservations(`${dir}/b`);
});

test('a reservation of a dead process is taken over', () => {
  const file = path.join(os.tmpdir(), `k8s-gitops-lab-${process.getuid?.() ?? 0}`, 'labcore-dead');
  fs.writeFileSync(file, JSON.stringify({ pid: process.pid, startTime: '1', labDir: `${dir}/dead` }));
  expect(reserve('labcore-dead', `${dir}/b`)).toBe(true);
  expect(reserve('labcore-dead', `${dir}/a`)).toBe(false);
  forgetReservations(`${dir}/b`);
});

test('returns the endpoint that is in use', () => {
  const listeners = [{ address: '127.25.11.12', port: 6443 }];
  expect(takenEndpoint(['10.25.11.11', '10.25.11.12'], '127.25', listeners)).toBe('127.25.11.12:6443');
  expect(takenEndpoint(['10.25.11.11', '10.25.11.12'], '127.26', listeners)).toBeUndefined();
});

describe('choosePrefix', () => {
  const addresses = ['10.25.11.11', '10.25.11.14'];
  const free = (): boolean => true;

  test('is 127.25 if that is free', () => {
    expect(choosePrefix(addresses, dir, { listeners: [], reserve: free })).toBe('127.25');
  });

  test('skips prefixes with a port in use and those that another lab has reserved', () => {
    const listeners = [
      { address: '127.25.11.14', port: 6443 },
      { address: '127.26.11.11', port: 50000 },
      { address: '127.27.11.12', port: 6443 },
    ];
    expect(choosePrefix(addresses, dir, { listeners, reserve: free })).toBe('127.27');
    expect(choosePrefix(addresses, dir, { listeners, reserve: (what) => what !== 'prefix-27' })).toBe('127.28');
  });

  test('says what to do if a port is in use on all addresses', () => {
    const listeners = [{ address: '0.0.0.0', port: 6443 }];
    expect(() => choosePrefix(addresses, dir, { listeners, reserve: free })).toThrow(
      new Error(
        'lab: ports 50000 or 6443 are taken on every 127.25.* to 127.254.*; ' +
          'stop the processes that listen on all addresses (`ss -ltnp`)',
      ),
    );
  });
});

test('a context assigns each name one permanent port and reports new ones', () => {
  const reported: Record<string, number>[] = [];
  const ctx = createLabContext({
    root: dir,
    prefix: '127.25',
    ports: { git: 20500 },
    tools: { helm: '/opt/helm' },
    clusters: [],
    secrets: { connectReadToken: 'r', connectWriteToken: 'w', cloudflareApiToken: 'c', pulumiPassphrase: 'p' },
    ha: false,
    plugins: 'standin',
    moduleDir: (name) => `/modules/${name}`,
    onPort: (ports) => reported.push(ports),
  });
  expect(ctx.port('git')).toBe(20500);
  const proxy = ctx.port('proxy');
  expect(ctx.port('proxy')).toBe(proxy);
  expect(reported).toEqual([{ git: 20500, proxy }]);
  expect(ctx.tool('helm')).toBe('/opt/helm');
  expect(() => ctx.tool('crane')).toThrow(
    new Error('lab: the tool "crane" was not prepared; add it to tools/manifest.ts'),
  );
});
