import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schematic } from '../../../cli/schematic';
import { registerSchematic } from '../../../clients/imageFactory/imageFactory';

jest.mock('../../../clients/imageFactory/imageFactory');
const register = jest.mocked(registerSchematic);

const machines = join(__dirname, '..', '..', 'fixtures', 'machines');
const root = mkdtempSync(join(tmpdir(), 'schematic-'));
let talos = 'v1.11.2';
let out = '';
let err = '';

function stack(name: string, write: (file: string) => void): void {
  const folder = join(root, 'kubernetes', 'clusters', name);
  mkdirSync(folder, { recursive: true });
  const settings = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'cluster-settings', namespace: 'flux-system' },
  };
  const data = { CLUSTER: name, TALOS_VERSION: talos, NODE_CIDR: 'not yet' };
  writeFileSync(join(folder, 'cluster-settings.yaml'), JSON.stringify({ ...settings, data }));
  write(join(root, `Pulumi.${name}.yaml`));
}
const fleet = (name: string): void => stack(name, (file) => copyFileSync(join(machines, name, 'stack.yaml'), file));

async function run(...args: string[]): Promise<number> {
  out = '';
  err = '';
  return schematic([...args, '--cwd', root], root);
}

beforeEach(() => {
  talos = 'v1.11.2';
  register.mockReset();
  writeFileSync(join(root, 'Pulumi.yaml'), 'name: k8s-gitops\n');
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => Boolean((out += String(text))));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((err += String(text))));
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => rmSync(root, { recursive: true }));

// The factory's own id of plain Talos.
const plain = '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';
const pi = '5888345fd37a7ede1f98be8a1a7ed7d7d68823568e38c9ccc6ac83b524ea2445';

test('prints ids and links of each schematic, with what a single-board computer starts from', async () => {
  fleet('raspberry-pi-workers');
  expect(await run('--stack', 'raspberry-pi-workers')).toBe(0);
  expect(out).toBe(`schematic default, Talos v1.11.2, amd64
  nodes       server
  id          ${plain}
  ISO         https://factory.talos.dev/image/${plain}/v1.11.2/metal-amd64.iso
  PXE script  https://pxe.factory.talos.dev/pxe/${plain}/v1.11.2/metal-amd64
  disk image  https://factory.talos.dev/image/${plain}/v1.11.2/metal-amd64.raw.xz
  installer   factory.talos.dev/metal-installer/${plain}:v1.11.2

schematic raspberry-pi, Talos v1.11.2, arm64
  nodes       pi-01
  id          ${pi}
  disk image  https://factory.talos.dev/image/${pi}/v1.11.2/metal-arm64.raw.xz
  installer   factory.talos.dev/metal-installer/${pi}:v1.11.2

A factory serves only schematics that it knows: \`pulumi up\` registers these, or this command with --register.
`);
});

test('prints one node as JSON', async () => {
  fleet('raspberry-pi-workers');
  expect(await run('--stack', 'raspberry-pi-workers', '--node', 'pi-01', '--json')).toBe(0);
  expect(JSON.parse(out)).toEqual({
    stack: 'raspberry-pi-workers',
    talos: 'v1.11.2',
    media: [
      {
        schematic: 'raspberry-pi',
        id: pi,
        diskImage: `https://factory.talos.dev/image/${pi}/v1.11.2/metal-arm64.raw.xz`,
        architecture: 'arm64',
        secureboot: false,
        nodes: ['pi-01'],
        installer: `factory.talos.dev/metal-installer/${pi}:v1.11.2`,
      },
    ],
  });
});

test('links to the images for secure boot', async () => {
  fleet('secure-boot-with-tpm');
  expect(await run('--stack', 'secure-boot-with-tpm', '--json')).toBe(0);
  const [media] = (JSON.parse(out) as { media: { id: string }[] }).media;
  expect(media).toEqual({
    schematic: 'default',
    id: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    iso: `https://factory.talos.dev/image/${media?.id}/v1.11.2/metal-amd64-secureboot.iso`,
    pxe: `https://pxe.factory.talos.dev/pxe/${media?.id}/v1.11.2/metal-amd64-secureboot`,
    diskImage: `https://factory.talos.dev/image/${media?.id}/v1.11.2/metal-amd64-secureboot.raw.xz`,
    architecture: 'amd64',
    secureboot: true,
    nodes: ['node-01'],
    installer: `factory.talos.dev/metal-installer-secureboot/${media?.id}:v1.11.2`,
  });
});

test('links to the factory of the stack, which also serves PXE scripts', async () => {
  talos = 'v1.12.1';
  fleet('registry-mirrors-and-own-factory');
  expect(await run('--stack', 'registry-mirrors-and-own-factory', '--json')).toBe(0);
  const [media] = (JSON.parse(out) as { media: { id: string }[] }).media;
  expect(media).toMatchObject({
    iso: `https://factory.example.org/image/${media?.id}/v1.12.1/metal-amd64.iso`,
    pxe: `https://factory.example.org/pxe/${media?.id}/v1.12.1/metal-amd64`,
    installer: `registry.example.org:5000/talos/metal-installer/${media?.id}:v1.12.1`,
  });
});

test('has no links for an image that no factory built', async () => {
  fleet('own-installer-image');
  expect(await run('--stack', 'own-installer-image')).toBe(0);
  expect(out).toBe(`image of its own, Talos v1.11.2, amd64
  nodes       node-01
  installer   registry.example.org:5000/talos/installer:v1.11.2
`);
});

test('registers every schematic once, and says if the factory knows one under another id', async () => {
  fleet('raspberry-pi-workers');
  register.mockResolvedValueOnce(plain).mockResolvedValueOnce(pi);
  expect(await run('--stack', 'raspberry-pi-workers', '--register')).toBe(0);
  expect(register.mock.calls.map(([url, text]) => [url, text.includes('rpi_generic')])).toEqual([
    ['https://factory.talos.dev', false],
    ['https://factory.talos.dev', true],
  ]);
  expect(out).not.toContain('--register');

  register.mockResolvedValueOnce(pi);
  expect(await run('--stack', 'raspberry-pi-workers', '--register')).toBe(1);
  expect([out, err]).toEqual([
    '',
    `schematic: image factory https://factory.talos.dev: registered schematic default as ${pi}, expected ${plain}; report it, because \`pulumi up\` would install another image\n`,
  ]);

  register.mockRejectedValueOnce(new Error('does not respond: ECONNREFUSED'));
  expect(await run('--stack', 'raspberry-pi-workers', '--register')).toBe(1);
  expect(err).toBe(
    'schematic: image factory https://factory.talos.dev, schematic default: does not respond: ECONNREFUSED\n',
  );
});

test('needs no disks and no networks yet, but what the images depend on', async () => {
  const nodes = (more: object) => ({
    config: { 'k8s-gitops:nodes': [{ name: 'a', role: 'controlplane', address: '192.168.1.11', ...more }] },
  });
  stack('early', (file) => writeFileSync(file, JSON.stringify(nodes({}))));
  expect(await run('--stack', 'early')).toBe(0);

  talos = 'v1.11';
  stack('early', (file) => writeFileSync(file, JSON.stringify(nodes({ schematic: 'gpu', architecture: 'riscv' }))));
  expect(await run('--stack', 'early')).toBe(1);
  expect(err).toBe(`schematic: stack early: 2 problems
  - Pulumi.early.yaml:1 nodes[0].architecture: found "riscv", expected one of amd64, arm64; correct it
  - kubernetes/clusters/early/cluster-settings.yaml:1 TALOS_VERSION: found "v1.11", expected a version such as v1.2.3; correct it
`);

  talos = 'v1.11.2';
  stack('early', (file) => writeFileSync(file, JSON.stringify(nodes({ schematic: 'gpu' }))));
  expect(await run('--stack', 'early')).toBe(1);
  expect(err).toBe(`schematic: stack early: 1 problem
  - Pulumi.early.yaml:1 nodes[0].schematic: found "gpu", expected one of default; correct it, or add it to schematics
`);
});

test('names the stacks and nodes that exist', async () => {
  fleet('raspberry-pi-workers');
  expect(await run('--stack', 'home')).toBe(1);
  expect(err).toMatch(
    /^schematic: --stack home: Pulumi\.home\.yaml does not exist; use one of: .*raspberry-pi-workers/,
  );
  expect(await run('--stack', 'raspberry-pi-workers', '--node', 'pi-02')).toBe(1);
  expect(err).toBe('schematic: --node pi-02: stack raspberry-pi-workers has no such node; use one of: server, pi-01\n');
});

test('shows examples, and refuses an unknown option', async () => {
  expect(await run('--help')).toBe(0);
  expect(out).toContain('npm run schematic -- --stack home --register');
  expect(await run('--stack', 'home', '--nodes')).toBe(1);
  expect(err).toContain("error: unknown option '--nodes'");
});
