import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { generate } from '../../cli/generate';

let root: string;
let out: string;
let err: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'generate-'));
  [out, err] = ['', ''];
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((out += String(text)), true));
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((err += String(text)), true));
  for (const name of ['metrics', 'metrics-store', 'metrics-store-remote']) {
    write(`kubernetes/systems/${name}/kustomization.yaml`, list(['ks.yaml']));
    write(
      `kubernetes/systems/${name}/ks.yaml`,
      `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: ${name}, namespace: flux-system}\nspec: {}\n`,
    );
  }
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(root, { recursive: true });
});

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

const list = (resources: string[]): string =>
  JSON.stringify({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources });
const cluster = (name: string, ...systems: string[]): void =>
  write(`kubernetes/clusters/${name}/kustomization.yaml`, list(systems.map((system) => `../../systems/${system}`)));
const folder = 'kubernetes/clusters/one/observability';

test('writes, then has nothing to write', () => {
  cluster('one', 'metrics', 'metrics-store');
  cluster('two', 'metrics', 'metrics-store-remote');
  expect(generate(['--check'], root)).toBe(1);
  expect(out).toBe(
    `${folder}/kustomization.yaml:1: not up to date\n${folder}/writers.yaml:1: not up to date\nrun \`npm run generate\`\n`,
  );
  out = '';
  expect(generate([], root)).toBe(0);
  expect(out).toBe(`wrote ${folder}/kustomization.yaml\nwrote ${folder}/writers.yaml\n`);
  expect(readFileSync(join(root, folder, 'writers.yaml'), 'utf8')).toContain('name: two-metrics-writer\n');
  out = '';
  expect(generate([], root)).toBe(0);
  expect(generate(['--check'], root)).toBe(0);
  expect(out).toBe('nothing to write\n');
});

test('removes what no cluster needs any more', () => {
  cluster('one', 'metrics', 'metrics-store');
  generate([], root);
  cluster('one');
  out = '';
  expect(generate(['--check'], root)).toBe(1);
  expect(generate([], root)).toBe(0);
  expect(out).toContain(`${folder}/writers.yaml:1: left over\n`);
  expect(out).toContain(`removed ${folder}/writers.yaml\n`);
  expect(existsSync(join(root, folder, 'writers.yaml'))).toBe(false);
});

test('refuses two clusters that store, and writes nothing', () => {
  cluster('one', 'metrics-store');
  cluster('two', 'metrics-store');
  expect(generate([], root)).toBe(2);
  expect(err).toBe(
    'kubernetes/clusters/two/kustomization.yaml: two stores metrics, and so does one; list metrics-store on one of them, and metrics-store-remote on the other\n',
  );
  expect(existsSync(join(root, folder))).toBe(false);
});

test('refuses a list that cannot be read', () => {
  cluster('one', 'nothing');
  expect(generate([], root)).toBe(2);
  expect(err).toContain('kubernetes/clusters/one/kustomization.yaml');
});

test('refuses an unknown option', () => expect(generate(['--nothing'], root)).toBe(2));
