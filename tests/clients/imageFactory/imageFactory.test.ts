import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { officialExtensions, registerSchematic, UnknownTalosVersion } from '../../../clients/imageFactory/imageFactory';
import { startImageFactory } from '../../../lab/services/imageFactory/standIn';
import type { RunningServer } from '../../../lab/services/runServer';

const folder = mkdtempSync(join(tmpdir(), 'image-factory-'));
const { signal } = new AbortController();
let server: RunningServer;
beforeAll(async () => {
  server = await startImageFactory({ port: 0, stateFile: join(folder, 'schematics.json'), versions: ['v1.11.2'] });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});
const ask = (version: string) => officialExtensions(`http://127.0.0.1:${server.port}`, version, signal);

test('lists the extensions of a Talos version', async () => {
  expect(await ask('v1.11.2')).toContain('siderolabs/iscsi-tools');
});

test('does not have every Talos version', async () => {
  await expect(ask('v1.11.99')).rejects.toThrow(new UnknownTalosVersion('has no Talos v1.11.99'));
});

test('reports other answers, and a factory that does not respond', async () => {
  await expect(ask('latest')).rejects.toThrow('returned 500, expected 200');
  await expect(officialExtensions('http://127.0.0.1:1', 'v1.11.2', signal)).rejects.toThrow(/^does not respond: /);
});

test('registers a schematic, and says why it cannot', async () => {
  const url = `http://127.0.0.1:${server.port}`;
  const plain = '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';
  expect(await registerSchematic(url, 'customization: {}', signal)).toBe(plain);
  await expect(registerSchematic(url, 'unknown: true', signal)).rejects.toThrow('returned 400, expected 201');
  await expect(registerSchematic('http://127.0.0.1:1', '', signal)).rejects.toThrow(/^does not respond: /);
});
