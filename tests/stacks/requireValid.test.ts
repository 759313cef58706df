import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { listStacks } from '../../cluster/stackFile';
import { ignoreVariable, requireValid } from '../../stacks/requireValid';

// Runs validate itself, on the tree of this repository.
const root = join(__dirname, '..', '..');
const [cluster = ''] = listStacks(root);
const folder = mkdtempSync(join(tmpdir(), 'k8s-gitops-require-valid-'));
let said: string[] = [];
const { XDG_CACHE_HOME } = process.env;

beforeEach(() => {
  said = [];
  for (const level of ['info', 'warn'] as const) {
    jest.spyOn(pulumi.log, level).mockImplementation((...[text]) => {
      said.push(`${level}: ${text}`);
      return Promise.resolve();
    });
  }
});
afterEach(() => {
  jest.restoreAllMocks();
  delete process.env[ignoreVariable];
  if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = XDG_CACHE_HOME;
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeAll(() => {
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  for (const path of ['kubernetes', 'Pulumi.yaml', 'EXCEPTIONS.md', 'docs', '.sourceignore']) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  for (const stack of listStacks(root))
    cpSync(join(root, `Pulumi.${stack}.yaml`), join(folder, `Pulumi.${stack}.yaml`));
  writeFileSync(
    join(folder, 'kubernetes', 'clusters', cluster, 'broken.yaml'),
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: broken, namespace: flux-system}\ndata: {port: 80}\n',
  );
  const entry = join(folder, 'kubernetes', 'clusters', cluster, 'kustomization.yaml');
  execFileSync('sed', ['-i', 's/^resources:$/resources:\\n  - broken.yaml/', entry]);
});

test('the own tree: an update goes on silently', async () => {
  expect(await requireValid(cluster, root, false)).toEqual([]);
  expect(said).toEqual([]);
}, 240_000);

test('a value that the schema refuses stops an update, unless it must ignore it', async () => {
  const refused = await requireValid(cluster, folder, false).catch((error: Error) => error);
  expect(refused).toBeInstanceOf(pulumi.RunError);
  const { message } = refused as Error;
  expect(message).toMatch(
    /^stack .*: npm run validate finds errors, and Flux would apply them; nothing was changed\n {2}- kubernetes/,
  );
  expect(message).toContain(`kubernetes/clusters/${cluster}/broken.yaml:`);
  expect(said).toEqual([]);

  process.env[ignoreVariable] = '1';
  const ignored = await requireValid(cluster, folder, false);
  expect(message.split('\n').slice(1, -1)).toEqual(ignored.map((text) => `  - ${text}`));
  expect(said).toEqual(ignored.map((text) => `warn: ${text}`));
}, 240_000);

test('without the renderer, it says so and goes on', async () => {
  process.env.XDG_CACHE_HOME = join(folder, 'empty-cache');
  mkdirSync(process.env.XDG_CACHE_HOME);
  expect(await requireValid(cluster, root, false)).toEqual([]);
  expect(said).toEqual([
    `info: ${cluster}: not validated, because the renderer is not built; \`npm run validate\` builds it`,
  ]);
}, 240_000);
