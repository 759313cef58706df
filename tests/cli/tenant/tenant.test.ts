import type * as fsModule from 'node:fs';
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tenant } from '../../../cli/tenant';
import { checkTree } from '../../../cli/validate/checkTree';
import { loadTree } from '../../../cli/validate/loadTree';

const repository = join(__dirname, '..', '..', '..');
const folder = 'kubernetes/workloads/tenants';

let root: string;
let out: string;
let err: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tenant-'));
  cpSync(join(repository, 'kubernetes'), join(root, 'kubernetes'), { recursive: true });
  [out, err] = ['', ''];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(root, { recursive: true });
});

const read = (file: string): string => readFileSync(join(root, folder, file), 'utf8');
const all = (): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => (file.endsWith('.yaml') ? `${file} ${read(file).length}` : file))
    .sort();

test('writes a tenant with which the tree stays clean', async () => {
  for (const file of readdirSync(repository).filter((name) => /^(Pulumi\..*|EXCEPTIONS\.md)$/.test(name)))
    cpSync(join(repository, file), join(root, file));
  expect(tenant(['new', 'acme'], root)).toBe(0);
  expect(out).toContain(`wrote ${folder}/acme/namespaces/prod/kustomization.yaml\n`);
  expect(read('kustomization.yaml')).toMatch(/^resources:\n {2}- acme\n {2}- demo\n/m);
  expect(readdirSync(join(root, folder)).sort()).toEqual(['acme', 'demo', 'kustomization.yaml']);
  const tree = await loadTree({ root });
  expect(checkTree(tree, { today: '2025-11-01' }).findings.map(({ id, file }) => `${id} ${file}`)).toEqual([]);
  const applied = tree.clusters.flatMap(({ kustomizations }) => kustomizations.map(({ id }) => id));
  expect(applied).toEqual(expect.arrayContaining(['acme-dev/apps', 'acme-stg/apps', 'acme-prod/apps']));
}, 60_000);

test('writes only the environments that are wanted, in their order', () => {
  expect(tenant(['new', 'acme', '--environments', 'prod, dev', '--json'], root)).toBe(0);
  const result = JSON.parse(out) as { namespaces: string[]; files: string[]; written: boolean };
  expect(result).toMatchObject({ team: 'acme', namespaces: ['acme-dev', 'acme-prod'], written: true });
  expect(result.files.every((file) => existsSync(join(root, file)))).toBe(true);
  expect(existsSync(join(root, folder, 'acme/envs/stg'))).toBe(false);
});

test('a dry run writes nothing', () => {
  const before = all();
  expect(tenant(['new', 'acme', '--dry-run'], root)).toBe(0);
  expect(out).toContain(`would write ${folder}/acme/kustomization.yaml\n`);
  expect(all()).toEqual(before);
});

test.each([
  ['Acme', '"Acme"'],
  ['a', '"a"'],
  ['acme-dev', '"acme-dev"'],
  ['../acme', '"../acme"'],
  ['1acme', '"1acme"'],
  ['kube', '"kube", expected none of default, flux, kube, platform, system'],
  ['demo', `"demo", which is in ${folder}/kustomization.yaml`],
])('refuses the name %s', (name, found) => {
  const before = all();
  expect(tenant(['new', name], root)).toBe(1);
  expect(err).toContain(`tenant: 1 problem; nothing was written\n  - tenant new <team>: found ${found}`);
  expect(all()).toEqual(before);
});

test('reports every problem', () => {
  rmSync(join(root, 'kubernetes/components/tenant'), { recursive: true });
  writeFileSync(join(root, folder, 'kustomization.yaml'), 'resources: demo\n');
  expect(tenant(['new', 'Acme', '--environments', 'qa,dev,dev'], root)).toBe(1);
  expect(err.split('\n').slice(0, -1)).toEqual([
    'tenant: 5 problems; nothing was written',
    expect.stringMatching(/^ {2}- tenant new <team>: found "Acme", expected 2 to 20 lowercase letters/),
    expect.stringMatching(/found "qa", expected some of dev, stg, prod, each once; correct it$/),
    expect.stringMatching(/found dev twice, .*; name it once$/),
    expect.stringMatching(/components\/tenant\/kustomization.yaml: found no such file, expected the file; restore it/),
    `  - ${folder}/kustomization.yaml: found something else under resources, expected a list of folders; correct it`,
  ]);
});

test('no environment, and a folder that is not a repository', () => {
  expect(tenant(['new', 'acme', '--environments', ','], root)).toBe(1);
  expect(err).toContain('tenant new --environments: found none, expected some of dev, stg, prod, each once');
  err = '';
  expect(tenant(['list', '--root', join(root, 'kubernetes')], root)).toBe(1);
  expect(err).toMatch(/^tenant: --root .*: found no folder kubernetes, expected the repository; correct the path\n$/);
  expect(tenant(['new'], root)).not.toBe(0);
});

const asRoot = process.getuid?.() === 0;
(asRoot ? test.skip : test)('leaves nothing behind where it may not write', () => {
  chmodSync(join(root, folder), 0o500);
  expect(tenant(['new', 'acme'], root)).toBe(1);
  chmodSync(join(root, folder), 0o700);
  expect(readdirSync(join(root, folder)).sort()).toEqual(['demo', 'kustomization.yaml']);
});

test('a list that cannot be replaced removes the folder again', () => {
  const fs = jest.requireActual<typeof fsModule>('node:fs');
  const rename = fs.renameSync;
  const spy = jest.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
    if (String(to).endsWith('kustomization.yaml')) throw new Error('no space left on device');
    rename(from, to);
  });
  expect(tenant(['new', 'acme'], root)).toBe(1);
  spy.mockRestore();
  expect(err).toContain('no space left on device');
  expect(readdirSync(join(root, folder)).sort()).toEqual(['demo', 'kustomization.yaml']);
});

test('lists the tenants, and what is not listed', () => {
  expect(tenant(['list'], root)).toBe(0);
  expect(out).toMatch(/^demo: demo-dev, demo-stg, demo-prod\n1 tenant, on /);
  writeFileSync(join(root, folder, 'kustomization.yaml'), 'resources: []\n');
  for (const cluster of readdirSync(join(root, 'kubernetes/clusters')))
    rmSync(join(root, 'kubernetes/clusters', cluster), { recursive: true });
  out = '';
  expect(tenant(['list'], root)).toBe(0);
  expect(out).toBe('demo: demo-dev, demo-stg, demo-prod (not listed)\n1 tenant, no cluster lists the system tenants\n');
  out = '';
  expect(tenant(['list', '--json'], root)).toBe(0);
  expect(JSON.parse(out)).toEqual({
    clusters: [],
    tenants: [{ team: 'demo', listed: false, namespaces: ['demo-dev', 'demo-stg', 'demo-prod'] }],
  });
});
