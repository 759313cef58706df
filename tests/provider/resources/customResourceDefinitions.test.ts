import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { customResourceDefinitions } from '../../../provider/resources/customResourceDefinitions';
import { readGitCrds } from '../../../provider/resources/crds/gitCrds';
import type { CrdSource } from '../../../provider/resources/inputs';
import { FakeApi } from '../../clients/support/fakeApi';
import { FakeTool } from '../../clients/support/fakeTool';
import { testOperation } from '../support/operation';

const crd = (name: string) => `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: ${name}, labels: {kept: "yes"}}
spec: {group: x}
`;
const collection = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

function tree(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'crds-'));
  roots.push(root);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}
const roots: string[] = [];
afterEach(() => roots.splice(0).forEach((root) => rmSync(root, { recursive: true, force: true })));

describe('definitions in a Git folder', () => {
  const kustomization = (...resources: string[]) => `kind: Kustomization\nresources: [${resources.join(', ')}]\n`;
  const read = (files: Record<string, string>) => readGitCrds(tree(files), 'config/crd', 'gateway-api');

  test('are those that its kustomization.yaml lists, nested folders included', async () => {
    const crds = await read({
      'config/crd/kustomization.yaml': kustomization('a.yaml', '../standard'),
      'config/crd/a.yaml': crd('as.x.io'),
      'config/crd/not-listed.yaml': crd('nots.x.io'),
      'config/standard/kustomization.yaml': kustomization('b.yaml'),
      'config/standard/b.yaml': `# licence\n---\n${crd('bs.x.io')}---\n${crd('cs.x.io')}`,
    });
    expect(crds.map(({ metadata }) => metadata.name)).toEqual(['as.x.io', 'bs.x.io', 'cs.x.io']);
  });

  test.each<[string, Record<string, string>, string]>([
    [
      'no kustomization.yaml',
      {},
      'gateway-api: config/crd/kustomization.yaml: not found; correct the path or the tag of this source',
    ],
    [
      'another kind',
      {
        'config/crd/kustomization.yaml': kustomization('a.yaml'),
        'config/crd/a.yaml': 'kind: Role\nmetadata: {name: r}',
      },
      'gateway-api: config/crd/a.yaml: Role r is not a CustomResourceDefinition; only those can be applied ahead of Flux',
    ],
    [
      'patches',
      { 'config/crd/kustomization.yaml': 'resources: []\npatches: []\n' },
      'gateway-api: config/crd/kustomization.yaml: uses patches; only a list of resources can be applied ahead of Flux',
    ],
    [
      'a remote resource',
      { 'config/crd/kustomization.yaml': kustomization('"https://example.org/x.yaml"') },
      'gateway-api: config/crd/kustomization.yaml: lists https://example.org/x.yaml, which does not exist there; ' +
        'remote resources are not supported',
    ],
    [
      'a file outside',
      { 'config/crd/kustomization.yaml': kustomization('../../../../../../../etc/hostname') },
      'is outside the repository',
    ],
    [
      'broken YAML',
      { 'config/crd/kustomization.yaml': kustomization('a.yaml'), 'config/crd/a.yaml': 'a: [' },
      'gateway-api: config/crd/a.yaml: is not valid YAML: ',
    ],
  ])('%s is an error', async (_what, files, message) => {
    await expect(read({ 'README.md': '', ...files })).rejects.toThrow(message);
  });
});

describe('applying definitions', () => {
  let fake: FakeApi;
  let helm: FakeTool;
  const established = { status: { conditions: [{ type: 'Established', status: 'True' }] } };
  beforeEach(async () => {
    fake = await FakeApi.start();
    const rendered = `${crd('certs.x.io')}---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\n`;
    helm = new FakeTool(
      'helm',
      `if [ "$1" = version ]; then printf v3.22.0; exit; fi
printf '%s\\n' "$@" > "$DIR/args"; cat > "$DIR/stdin"; cat <<'END'
${rendered}END`,
    );
  });
  afterEach(async () => {
    helm.remove();
    await fake.stop();
  });

  const chart: CrdSource = {
    kind: 'chart',
    name: 'cert-manager',
    releaseName: 'cert-manager',
    releaseNamespace: 'cert-manager',
    chartUrl: 'oci://quay.io/jetstack/charts/cert-manager',
    version: 'v1.19.1',
    values: '{"crds":{"enabled":true}}',
  };
  const create = (sources: CrdSource[], operation = testOperation()) =>
    customResourceDefinitions.create({ kubeconfig: fake.kubeconfig, sources, timeoutSeconds: 5 }, operation);

  /** An API that is ready at the second check and stores what is applied. */
  function api(existing: Record<string, object> = {}): void {
    let checks = 0;
    const objects: Record<string, object> = { ...existing };
    fake.handler = ({ method, path, body }) => {
      if (path === '/readyz') return ++checks > 1 ? { body: 'ok' } : { status: 500, body: '[-]etcd failed' };
      if (method === 'PATCH') objects[path] = { ...(body as object), ...established };
      return objects[path] === undefined ? undefined : { body: objects[path] };
    };
  }

  test('waits for the API, and applies only definitions, as Helm and with its ownership metadata', async () => {
    api();
    const operation = testOperation();
    const { outputs } = await create([chart], operation);
    expect(outputs).toEqual({
      kubeconfig: fake.kubeconfig,
      names: ['certs.x.io'],
      startedAt: expect.any(String),
      finishedAt: expect.any(String),
    });
    const patches = fake.requests.filter(({ method }) => method === 'PATCH');
    expect(patches).toHaveLength(1);
    expect(patches[0]).toMatchObject({
      path: `${collection}/certs.x.io`,
      query: { fieldManager: 'helm', force: 'true' },
      body: {
        metadata: {
          labels: { kept: 'yes', 'app.kubernetes.io/managed-by': 'Helm' },
          annotations: {
            'meta.helm.sh/release-name': 'cert-manager',
            'meta.helm.sh/release-namespace': 'cert-manager',
          },
        },
      },
    });
    expect(helm.read('args').trim().split('\n')).toEqual([
      'template',
      'cert-manager',
      'oci://quay.io/jetstack/charts/cert-manager',
      '--version',
      'v1.19.1',
      '--namespace',
      'cert-manager',
      '--include-crds',
      '--values',
      '-',
    ]);
    expect(helm.read('stdin')).toBe('{"crds":{"enabled":true}}');
    expect(operation.lines[0]).toBe(`(waiting for the Kubernetes API at ${fake.url}: not ready: etcd)`);
  });

  test.each(['helm.toolkit.fluxcd.io/name', 'kustomize.toolkit.fluxcd.io/name'])(
    'skips definitions with the label %s',
    async (label) => {
      api({
        [`${collection}/certs.x.io`]: { metadata: { name: 'certs.x.io', labels: { [label]: 'x' } }, ...established },
      });
      await create([chart]);
      expect(fake.requestLines.filter((line) => line.startsWith('PATCH'))).toEqual([]);
    },
  );

  test('a definition in two sources is an error before anything is applied', async () => {
    api();
    await expect(create([chart, { ...chart, name: 'other' }])).rejects.toThrow(
      'CustomResourceDefinition certs.x.io comes from both cert-manager and other; ' +
        'disable it in the values of one of them, so that it has one owner',
    );
    expect(fake.requestLines.filter((line) => line.startsWith('PATCH'))).toEqual([]);
  });

  test('a chart that renders none is an error: its values disable them', async () => {
    api();
    const empty = new FakeTool('helm', `if [ "$1" = version ]; then printf v3.22.0; fi`);
    await expect(create([chart])).rejects.toThrow(
      'cert-manager: oci://quay.io/jetstack/charts/cert-manager v1.19.1 contains no CustomResourceDefinition; ' +
        'check the values that enable them',
    );
    empty.remove();
  });

  test('a Git source is cloned at its tag, and gets no ownership metadata', async () => {
    api();
    const root = tree({
      'config/crd/kustomization.yaml': 'resources: [a.yaml]\n',
      'config/crd/a.yaml': crd('gateways.x.io'),
    });
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
    for (const args of [
      ['init', '-q'],
      ['add', '.'],
      [...identity, 'commit', '-qm', 'x'],
      ['tag', 'v1.3.0'],
    ]) {
      execFileSync('git', args, { cwd: root });
    }
    const git: CrdSource = {
      kind: 'git',
      name: 'gateway-api',
      url: `file://${root}`,
      tag: 'v1.3.0',
      path: './config/crd',
    };
    const { outputs } = await create([git]);
    expect(outputs.names).toEqual(['gateways.x.io']);
    const patch = fake.requests.find(({ method }) => method === 'PATCH')?.body as { metadata: object };
    expect(patch.metadata).toEqual({ name: 'gateways.x.io', labels: { kept: 'yes' } });
    await expect(create([{ ...git, tag: 'v9' }])).rejects.toThrow(`git cannot clone file://${root} at v9: `);
  });
});
