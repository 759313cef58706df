import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from 'tar';
import { archiveNames } from '../../lab/agent/archiveNames';
import { imagePolicy, imageRepository, imageUpdateAutomation } from '../../lab/agent/imageAutomation';
import type { Refusal } from '../../lab/agent/refusals';
import type { ReportedObject } from '../../lab/agent/reportedObject';
import { standInRules } from '../../lab/agent/standInRules';
import { lookup, object, type Objects } from './lookup';

const images = '/apis/image.toolkit.fluxcd.io/v1/namespaces/ns/imagerepositories';
const ready = { status: { conditions: [{ type: 'Ready', status: 'True' }] } };
const scanned = { [`${images}/app`]: { metadata: { name: 'app' }, ...ready } };
const policy = (change: object = {}) =>
  object({ imageRepositoryRef: { name: 'app' }, policy: { semver: { range: '1.x' } }, ...change });

const git = '/apis/source.toolkit.fluxcd.io/v1/namespaces/ns/gitrepositories/git';
const artifact = 'http://127.0.0.1/git.tar.gz';
const source = (spec: object = { secretRef: { name: 'push' } }, status: object = { artifact: { url: artifact } }) => ({
  [git]: {
    metadata: { name: 'git', namespace: 'ns' },
    spec: { url: 'https://git.example.org/a.git', ref: { branch: 'main' }, ...spec },
    status,
  },
});
const push = { '/api/v1/namespaces/ns/secrets/push': { data: { username: 'eA==', password: 'eA==' } } };
const automation = (change: object = {}) =>
  object({
    sourceRef: { kind: 'GitRepository', name: 'git' },
    git: { push: { branch: 'staging' }, commit: { author: { email: 'flux@example.org' } } },
    update: { strategy: 'Setters', path: './kubernetes/apps' },
    ...change,
  });
const archives = { [artifact]: ['kubernetes/apps/app.yaml'] };

test.each<[string, Refusal, ReportedObject, Objects]>([
  ['an image', imageRepository, object({ image: 'ghcr.io/a/b' }), {}],
  ['an image of a registry with a port', imageRepository, object({ image: 'registry:5000/a/b' }), {}],
  ['an image with credentials', imageRepository, object({ image: 'ghcr.io/a/b', secretRef: { name: 'push' } }), push],
  ['a policy', imagePolicy, policy({ filterTags: { pattern: '^(?P<v>.+)$' } }), scanned],
  ['an automation', imageUpdateAutomation, automation(), { ...source(), ...push }],
  [
    'one of a file',
    imageUpdateAutomation,
    automation({ update: { path: 'kubernetes/apps/app.yaml' } }),
    { ...source(), ...push },
  ],
  ['one of everything', imageUpdateAutomation, automation({ update: {} }), { ...source(), ...push }],
])('%s is accepted', async (_what, refuses, one, objects) => {
  expect(await refuses(one, lookup(objects, undefined, archives))).toBeUndefined();
});

const noBranch = { commit: { author: { email: 'flux@example.org' } } };

test.each<[string, Refusal, ReportedObject, Objects]>([
  ['should not start with URL scheme', imageRepository, object({ image: 'https://ghcr.io/a/b' }), {}],
  ['should not contain a tag', imageRepository, object({ image: 'ghcr.io/a/b:1.0' }), {}],
  ['Secret push not found', imageRepository, object({ image: 'ghcr.io/a/b', secretRef: { name: 'push' } }), {}],
  ['ImageRepository: app not found', imagePolicy, policy(), {}],
  ['ImageRepository app is not ready', imagePolicy, policy(), { [`${images}/app`]: {} }],
  [
    "can't access 'other/app'",
    imagePolicy,
    policy({ imageRepositoryRef: { name: 'app', namespace: 'other' } }),
    scanned,
  ],
  ['failed to compile regex', imagePolicy, policy({ filterTags: { pattern: '(' } }), scanned],
  ['spec.interval must be set', imagePolicy, policy({ digestReflectionPolicy: 'Always' }), scanned],
  [
    "source kind 'Bucket' not supported",
    imageUpdateAutomation,
    automation({ sourceRef: { kind: 'Bucket', name: 'git' } }),
    {},
  ],
  ['necessitates field .spec.git', imageUpdateAutomation, automation({ git: undefined }), { ...source(), ...push }],
  [
    "can't access 'flux-system/git'",
    imageUpdateAutomation,
    automation({ sourceRef: { name: 'git', namespace: 'flux-system' } }),
    source(),
  ],
  ['GitRepository git not found', imageUpdateAutomation, automation(), push],
  [
    'has no author',
    imageUpdateAutomation,
    automation({ git: { push: { branch: 'staging' } } }),
    { ...source(), ...push },
  ],
  [
    'Push branch not given explicitly',
    imageUpdateAutomation,
    automation({ git: noBranch }),
    { ...source({ secretRef: { name: 'push' }, ref: { tag: 'v1' } }), ...push },
  ],
  ['has no secretRef', imageUpdateAutomation, automation(), source({})],
  ['Secret ns/push does not exist', imageUpdateAutomation, automation(), source()],
  [
    'Secret ns/push has no key identity',
    imageUpdateAutomation,
    automation(),
    { ...source({ url: 'ssh://git@git.example.org/a.git', secretRef: { name: 'push' } }), ...push },
  ],
  ['has no artifact', imageUpdateAutomation, automation(), { ...source(undefined, {}), ...push }],
  [
    'other.tar.gz cannot be read',
    imageUpdateAutomation,
    automation(),
    { ...source(undefined, { artifact: { url: 'http://other.tar.gz' } }), ...push },
  ],
  ['no update strategy', imageUpdateAutomation, automation({ update: undefined }), { ...source(), ...push }],
  [
    'lstat kubernetes/app: no such file or directory',
    imageUpdateAutomation,
    automation({ update: { path: './kubernetes/app' } }),
    { ...source(), ...push },
  ],
])('refused: %s', async (why, refuses, one, objects) => {
  expect(await refuses(one, lookup(objects, undefined, archives))).toContain(why);
});

test('each kind reports what its controller would, once that runs', () => {
  const rules = standInRules.filter(({ api }) => api === '/apis/image.toolkit.fluxcd.io/v1');
  expect(rules.map(({ kind, deployment }) => `${kind} ${deployment.namespace}/${deployment.name}`)).toEqual([
    'ImageRepository flux-system/image-reflector-controller',
    'ImagePolicy flux-system/image-reflector-controller',
    'ImageUpdateAutomation flux-system/image-automation-controller',
  ]);
  for (const rule of rules) {
    const state = { pools: [], taken: new Set<string>() };
    expect(rule.status(object({}), state)).toMatchObject({ observedGeneration: 1, conditions: [{ status: 'True' }] });
    expect(rule.refused(object({}), 'why')).toMatchObject({
      conditions: [{ status: 'False', message: 'a stand-in of the lab refuses: why' }],
    });
  }
});

describe('an archive', () => {
  let server: Server;
  let address: string;
  let folder: string;
  let body: Buffer | undefined;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'archive-'));
    mkdirSync(join(folder, 'a/b'), { recursive: true });
    writeFileSync(join(folder, 'a/b/c.yaml'), 'x');
    await create({ gzip: true, cwd: folder, file: join(folder, 'x.tar.gz') }, ['./a']);
    body = readFileSync(join(folder, 'x.tar.gz'));
    server = createServer((request, response) => {
      response.writeHead(request.url === '/none' ? 404 : 200);
      response.end(request.url === '/text' ? 'not an archive' : body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await new Promise((resolve) => server.close(resolve));
  });

  test('is read once', async () => {
    expect(await archiveNames(`${address}/git`)).toEqual(['a', 'a/b', 'a/b/c.yaml']);
    body = undefined;
    expect(await archiveNames(`${address}/git`)).toEqual(['a', 'a/b', 'a/b/c.yaml']);
  });

  test.each(['none', 'text'])('that is not one (%s) has no names', async (path) => {
    expect(await archiveNames(`${address}/${path}`)).toBeUndefined();
  });

  test('of a server that does not answer has no names', async () => {
    expect(await archiveNames('http://127.0.0.1:1/git')).toBeUndefined();
  });
});
