import * as path from 'node:path';
import { startImageFactory } from '../../lab/services/imageFactory/standIn';
import type { RunningServer } from '../../lab/services/runServer';
import { canonicalSchematic, schematicId } from '../../cluster/schematicId';
import { temporaryFolder } from './temporaryFolder';

// Ids returned by the real image factory.
const realIds: [string, string][] = [
  ['{}', '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba'],
  ['customization: {extraKernelArgs: []}', '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba'],
  [
    '{"customization": {"systemExtensions": {}, "extraKernelArgs": ["noapic", "nolapic"]}}',
    '9cba8e32753f91a16c1837ab8abf356af021706ef284aef07380780177d9a06c',
  ],
  [
    'customization: {meta: [{key: 10, value: foo}]}',
    'd308a2a5ee2277bed5fbaa104fcbc8d59122abfa737df987a95b4ca763459a7f',
  ],
  [
    'overlay: {name: rpi_generic, image: siderolabs/sbc-raspberrypi}',
    'ee21ef4a5ef808a9b7484cc0dda0f25075021691c8c09a276591eedb638ea1f9',
  ],
  [
    'customization: {secureboot: {includeWellKnownCertificates: true}}',
    'fa8e05f142a851d3ee568eb0a8e5841eaf6b0ebc8df9a63df16ac5ed2c04f3e6',
  ],
];

describe('the id of a schematic', () => {
  test.each(realIds)("is the real factory's for %s", (text, id) => {
    expect(schematicId(text)).toBe(id);
  });

  test('depends on the order of kernel arguments but not of keys', () => {
    const id = (args: string): string => schematicId(`customization: {extraKernelArgs: [${args}]}`);
    expect(id('a, b')).not.toBe(id('b, a'));
    expect(
      canonicalSchematic('customization:\n  systemExtensions: {officialExtensions: [x]}\n  extraKernelArgs: [-a]'),
    ).toBe(
      'customization:\n    extraKernelArgs:\n        - -a\n    systemExtensions:\n        officialExtensions:\n            - x\n',
    );
  });
});

describe('the image factory stand-in', () => {
  const config = {
    port: 0,
    stateFile: path.join(temporaryFolder(), 'schematics.json'),
    versions: ['v1.11.1', 'v1.11.2'],
  };
  let server: RunningServer;
  const address = (target: string): string => `http://127.0.0.1:${server.port}${target}`;
  const post = (body: string) => fetch(address('/schematics'), { method: 'POST', body });
  beforeAll(async () => {
    server = await startImageFactory(config);
  });
  afterAll(() => server.close());

  test('stores a schematic and returns it, also after a restart', async () => {
    const created = await post('customization: {extraKernelArgs: [noapic, nolapic]}');
    expect(created.status).toBe(201);
    const { id } = (await created.json()) as { id: string };
    expect(id).toBe(realIds[2]?.[1]);
    await server.close();
    server = await startImageFactory(config);
    const shown = await fetch(address(`/schematics/${id}`));
    expect(await shown.text()).toBe('customization:\n    extraKernelArgs:\n        - noapic\n        - nolapic\n');
  });

  test.each([
    ['customization: {kernelArgs: [a]}', 'yaml: unmarshal errors:\n  customization: Unrecognized key: "kernelArgs"\n'],
    ['owner: me', 'owner field is only supported in Enterprise edition\n'],
    ['- a', 'yaml: unmarshal errors:\n  schematic: Invalid input: expected object, received array\n'],
  ])('%s is a bad request', async (body, message) => {
    const answer = await post(body);
    expect([answer.status, await answer.text()]).toEqual([400, message]);
  });

  test('lists versions and extensions, and returns errors for unknown ones', async () => {
    expect(await (await fetch(address('/versions'))).json()).toEqual(['v1.11.1', 'v1.11.2']);
    const extensions = (await (await fetch(address('/version/v1.11.2/extensions/official'))).json()) as {
      name: string;
    }[];
    expect(extensions.map(({ name }) => name)).toContain('siderolabs/intel-ucode');
    expect((await fetch(address('/version/v9.9.9/extensions/official'))).status).toBe(404);
    expect((await fetch(address('/version/latest/extensions/official'))).status).toBe(500);
    const missing = await fetch(address(`/schematics/${'0'.repeat(64)}`));
    expect([missing.status, await missing.text()]).toEqual([404, 'schematic not found\n']);
    expect((await fetch(address('/schematics'), { method: 'DELETE' })).status).toBe(405);
  });
});
