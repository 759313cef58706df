import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { officialExtensions, UnknownTalosVersion } from '../../../clients/imageFactory/imageFactory';
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
