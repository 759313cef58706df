import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import type { DriftContext } from '../../../../cli/drift/context';
import { compareCore } from '../../../../cli/drift/core/coreLayer';
import type { Drift, LayerFindings } from '../../../../cli/drift/drift';
import { compareFlux } from '../../../../cli/drift/flux/fluxLayer';
import { fluxKinds } from '../../../../cli/drift/flux/fluxObjects';
import { withoutExplained } from '../../../../cli/drift/causes';
import type { KubernetesObject } from '../../../../gitops/kubernetesObject';
import { hasRealApi, RealApi } from '../../../clients/support/realApi';

const now = '2026-01-01T00:00:00Z';
const labels = (name: string) => ({
  'kustomize.toolkit.fluxcd.io/name': name,
  'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
});
const configMap = (name: string, data: Record<string, string>): KubernetesObject => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default' }, data },
});
const ready = {
  type: 'Ready',
  status: 'True',
  reason: 'ReconciliationSucceeded',
  message: '',
  lastTransitionTime: now,
};
const kustomization = (name: string, spec: Record<string, unknown>): KubernetesObject => ({
  ...{ apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' },
  metadata: { name, namespace: 'flux-system', labels: labels('root') },
  spec: { interval: '1h', prune: true, sourceRef: { kind: 'GitRepository', name: 'repo' }, ...spec },
});

// What Flux does is played here: objects are applied and statuses written as its controllers do.
(hasRealApi ? describe : describe.skip)('a cluster under Flux, in a real API server', () => {
  let server: RealApi;
  let repository: string;
  let commit: string;
  const signal = new AbortController().signal;

  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8' }).trim();
  const write = (file: string, ...documents: object[]): void => {
    mkdirSync(dirname(join(repository, file)), { recursive: true });
    writeFileSync(join(repository, file), documents.map((one) => stringify(one)).join('---\n'));
  };
  const listing = (...resources: string[]) => ({
    ...{ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources },
  });
  const pathOf = ({ apiVersion, kind, metadata: { name, namespace = '' } }: KubernetesObject): string => {
    const plural = fluxKinds.find((one) => one.kind === kind)?.plural ?? `${kind.toLowerCase()}s`;
    const base = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    return `${base}/${namespace === '' ? '' : `namespaces/${namespace}/`}${plural}/${name}`;
  };
  const apply = (
    object: KubernetesObject,
    owner?: string,
    manager = 'kustomize-controller',
  ): Promise<KubernetesObject> => {
    const metadata = owner === undefined ? object.metadata : { ...object.metadata, labels: labels(owner) };
    return server.client.apply<KubernetesObject>(pathOf(object), { ...object, metadata }, manager);
  };
  const status = async (object: KubernetesObject, content: Record<string, unknown>): Promise<void> => {
    const found = await server.client.get<KubernetesObject>(pathOf(object));
    const merged = { observedGeneration: found?.metadata['generation'], conditions: [ready], ...content };
    await server.client.mergePatch(`${pathOf(object)}/status`, { status: merged });
  };
  const patch = (object: KubernetesObject, body: object): Promise<unknown> =>
    server.client.request('PATCH', pathOf(object), {
      ...{ body, contentType: 'application/merge-patch+json', query: { fieldManager: 'someone' } },
    });
  const context = (extra: Partial<DriftContext> = {}): DriftContext =>
    ({
      ...{ stack: 'home', root: repository, signal, waitSeconds: 0, note: () => undefined },
      bootstrap: { stages: [[core]], crds: [], kustomizations: [] },
      kubernetes: async () => ({ value: server.client }),
      ...extra,
    }) as unknown as DriftContext;
  const core = { name: 'dns', namespace: 'kube-system', storageNamespace: 'kube-system' };
  const source: KubernetesObject = {
    ...{
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { name: 'repo', namespace: 'flux-system' },
    },
    spec: {},
  };
  const settings = configMap('settings', { COLOUR: 'blue' });
  const web = configMap('web', { colour: '${COLOUR}', size: '1' });
  const rootOne = kustomization('root', { path: './root' });
  const app = kustomization('app', {
    ...{ path: './app', dependsOn: [{ name: 'root' }] },
    postBuild: { substituteFrom: [{ kind: 'ConfigMap', name: 'settings' }] },
  });
  settings.metadata.namespace = 'flux-system';
  const release: KubernetesObject = {
    ...{
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name: 'dns', namespace: 'kube-system' },
    },
    spec: { interval: '1h' },
  };
  const chartObject = { ...configMap('dns', { Corefile: '. {}' }), metadata: { name: 'dns' } } as KubernetesObject;
  const blue = { ...web, data: { colour: 'blue', size: '1' } };

  const stored = (version: number, state = 'deployed'): object => {
    const payload = {
      ...{ name: 'dns', namespace: 'kube-system', version, info: { status: state } },
      ...{ chart: { metadata: { name: 'dns', version: '1.0.0' } }, manifest: `---\n${stringify(chartObject)}` },
    };
    const data = { release: Buffer.from(gzipSync(JSON.stringify(payload)).toString('base64')).toString('base64') };
    const name = `sh.helm.release.v1.dns.v${version}`;
    const own = { owner: 'helm', name: 'dns', version: String(version), status: state };
    return { apiVersion: 'v1', kind: 'Secret', type: 'helm.sh/release.v1', metadata: { name, labels: own }, data };
  };
  const secrets = '/api/v1/namespaces/kube-system/secrets';
  const summary = (drift: readonly Drift[]): string[] =>
    withoutExplained(drift).map(({ id, object, field }) => [id, object, field].filter(Boolean).join(' '));
  const flux = (extra?: Partial<DriftContext>): Promise<LayerFindings> => compareFlux(context(extra));

  beforeAll(async () => {
    server = await RealApi.start();
    repository = mkdtempSync(join(tmpdir(), 'flux-layer-'));
    git('init', '--quiet', '--initial-branch=main');
    write('root/kustomization.yaml', listing('app.yaml', 'settings.yaml', 'root.yaml', 'release.yaml', 'source.yaml'));
    write('app/kustomization.yaml', listing('web.yaml'));
    write('app/web.yaml', web);
    write('root/settings.yaml', settings);
    for (const [file, object] of [
      ['app', app],
      ['root', rootOne],
      ['release', release],
    ] as const) {
      write(`root/${file}.yaml`, object);
    }
    source['spec'] = { interval: '1m', url: repository, ref: { branch: 'main' } };
    write('root/source.yaml', source);
    git('add', '.');
    git('-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '--quiet', '-m', 'one');
    commit = git('rev-parse', 'HEAD');
    for (const { kind, apiVersion, plural } of fluxKinds) {
      const [group = '', version = ''] = apiVersion.split('/');
      const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
      const schema = { openAPIV3Schema: { type: 'object', properties: { spec: open, status: open } } };
      const name = `${plural}.${group}`;
      await server.client.apply(
        `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`,
        {
          ...{ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name } },
          spec: {
            ...{ group, scope: 'Namespaced', names: { kind, plural, singular: kind.toLowerCase() } },
            versions: [{ name: version, served: true, storage: true, schema, subresources: { status: {} } }],
          },
        },
        'test',
      );
    }
    await server.client.apply(
      '/api/v1/namespaces/flux-system',
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } },
      'test',
    );
    for (const last of fluxKinds.slice(-1)) {
      while ((await server.client.get(`/apis/${last.apiVersion}`)) === undefined)
        await new Promise((done) => setTimeout(done, 200));
    }
  }, 240_000);
  afterAll(async () => {
    await server?.stop();
    if (repository) rmSync(repository, { recursive: true, force: true });
  });
  // Flux reconciles everything, and Helm's release is at its revision.
  beforeEach(async () => {
    const revision = `main@sha1:${commit}`;
    for (const object of [settings, app, rootOne, release, source]) {
      await patch(object, { spec: { suspend: null } }).catch(() => undefined);
      await apply(object, 'root');
    }
    await apply(blue, 'app');
    await status(source, { artifact: { revision } });
    const entry = ({ apiVersion, kind, metadata: { name, namespace } }: KubernetesObject) => ({
      id: `${namespace}_${name}_${apiVersion.includes('/') ? apiVersion.split('/')[0] : ''}_${kind}`,
      v: 'v1',
    });
    await status(rootOne, {
      ...{
        lastAppliedRevision: revision,
        inventory: { entries: [settings, app, rootOne, release, source].map(entry) },
      },
    });
    await status(app, { lastAppliedRevision: revision, inventory: { entries: [entry(web)] } });
    await status(release, { history: [{ name: 'dns', namespace: 'kube-system', version: 1, status: 'deployed' }] });
    await server.client.apply(`${secrets}/sh.helm.release.v1.dns.v1`, stored(1), 'helm-controller');
    const metadata = {
      ...{ name: 'dns', namespace: 'kube-system', labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
      annotations: { 'meta.helm.sh/release-name': 'dns', 'meta.helm.sh/release-namespace': 'kube-system' },
    };
    await apply({ ...chartObject, metadata }, undefined, 'helm-controller');
  });

  test('is as Git says: nothing', async () => {
    expect(await flux()).toMatchObject({ drift: [], couldNotTell: [] });
    expect(await compareCore(context())).toMatchObject({ drift: [], couldNotTell: [], compared: 2 });
  });

  test('a field, a missing object, and settings that do not count as drift of what uses them', async () => {
    await patch(web, { data: { size: '2' } });
    await patch(settings, { data: { COLOUR: 'red' } });
    expect(summary((await flux()).drift).toSorted()).toEqual([
      'flux-object-changed ConfigMap default/web data.size',
      'flux-object-changed ConfigMap flux-system/settings data.COLOUR',
    ]);
    await server.client.delete(pathOf(web));
    const { drift } = await flux();
    expect(summary(drift)).toContain('flux-object-missing ConfigMap default/web');
    expect(drift.find(({ id }) => id === 'flux-object-missing')?.fix?.describe).toBe(
      'reconcile Kustomization flux-system/app',
    );
  });

  test('suspended, since when, and by whom', async () => {
    await patch(app, { spec: { suspend: true } });
    const { drift } = await flux();
    expect(summary(drift)).toEqual(['flux-suspended Kustomization flux-system/app']);
    expect(drift[0]).toMatchObject({
      why: expect.stringContaining('by someone'),
      fix: { describe: 'resume Kustomization flux-system/app' },
    });
    expect(drift[0]?.since).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  test('what is not ready because of another is reported once', async () => {
    const failed = { ...ready, status: 'False' };
    await status(rootOne, { conditions: [{ ...failed, reason: 'BuildFailed', message: 'no such file\nmore' }] });
    await status(app, { conditions: [{ ...failed, reason: 'DependencyNotReady', message: 'root is not ready' }] });
    const { drift } = await flux();
    expect(summary(drift)).toEqual(['flux-not-ready Kustomization flux-system/root']);
    expect(drift.find(({ object }) => object.endsWith('/root'))?.why).toBe('BuildFailed: no such file');
  });

  test('what is being reconciled is waited for, and then cannot be told', async () => {
    await status(app, { conditions: [{ ...ready, status: 'Unknown', reason: 'Progressing' }] });
    const { drift, couldNotTell } = await flux();
    expect(drift).toEqual([]);
    expect(couldNotTell).toEqual([
      {
        ...{ layer: 'flux', object: 'Kustomization flux-system/app', why: 'Flux is still reconciling it' },
        todo: 'run drift again later, or wait longer with --wait',
      },
    ]);
  });

  test('Git has something newer', async () => {
    await status(source, { artifact: { revision: `main@sha1:${'0'.repeat(40)}` } });
    const { drift } = await flux();
    expect(summary(drift).filter((text) => text.includes('GitRepository'))).toEqual([
      'flux-behind GitRepository flux-system/repo status.artifact.revision',
    ]);
  });

  test('what Git no longer holds, and what it never had', async () => {
    const stray = configMap('stray', {});
    await apply(stray, 'app', 'someone');
    const own = kustomization('own', { path: './nowhere', suspend: true });
    own.metadata['labels'] = {};
    await apply(own, undefined, 'someone');
    try {
      expect(summary((await flux()).drift).toSorted()).toEqual([
        'flux-not-in-git Kustomization flux-system/own',
        'flux-orphan ConfigMap default/stray',
        'flux-suspended Kustomization flux-system/own',
      ]);
    } finally {
      await server.client.delete(pathOf(stray));
      await server.client.delete(pathOf(own));
    }
  });

  test('a commit that cannot be read is not drift', async () => {
    await status(app, { lastAppliedRevision: `main@sha1:${'1'.repeat(40)}` });
    const { drift, couldNotTell } = await flux();
    expect(summary(drift)).toEqual(['flux-behind Kustomization flux-system/app status.lastAppliedRevision']);
    expect(couldNotTell.map(({ object }) => object)).toEqual(['what Kustomization flux-system/app applied']);
  });

  test('a core release: changed, failed, gone, installed by hand', async () => {
    const path = '/api/v1/namespaces/kube-system/configmaps/dns';
    await server.client.mergePatch(path, { data: { Corefile: 'x' } });
    const look = async (): Promise<string[]> => summary((await compareCore(context())).drift);
    expect(await look()).toEqual(['core-object-changed ConfigMap kube-system/dns data.Corefile']);
    await server.client.apply(`${secrets}/sh.helm.release.v1.dns.v1`, stored(1, 'failed'), 'helm-controller');
    expect(await look()).toEqual(['core-release-failed HelmRelease kube-system/dns']);
    await server.client.apply(`${secrets}/sh.helm.release.v1.dns.v2`, stored(2), 'helm');
    expect(await look()).toEqual(['core-release-by-hand HelmRelease kube-system/dns']);
    for (const version of [1, 2]) await server.client.delete(`${secrets}/sh.helm.release.v1.dns.v${version}`);
    expect(await look()).toEqual(['core-release-gone HelmRelease kube-system/dns']);
    expect(summary((await flux()).drift)).toEqual([]);
  });

  test('without an API server, both layers cannot tell', async () => {
    const down = { kubernetes: async () => ({ why: 'no control plane answers', todo: 'start one' }) };
    expect(await flux(down)).toEqual({
      ...{ drift: [], compared: 0 },
      couldNotTell: [
        { layer: 'flux', object: 'everything of Flux', why: 'no control plane answers', todo: 'start one' },
      ],
    });
    expect((await compareCore(context(down))).couldNotTell).toHaveLength(1);
  });
});
