import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkTree } from '../../../cli/validate/checkTree';
import { loadTree } from '../../../cli/validate/loadTree';
import { listClusters } from '../../../gitops/clusterSettings';
import { renderCluster } from '../../../gitops/render/renderCluster';

const repository = join(__dirname, '..', '..', '..');
const root = mkdtempSync(join(tmpdir(), 'k8s-gitops-switches-'));
const clusters = listClusters(repository);

beforeAll(() => {
  for (const entry of readdirSync(repository)) {
    if (/^(kubernetes|Pulumi\..*|EXCEPTIONS\.md)$/.test(entry)) {
      cpSync(join(repository, entry), join(root, entry), { recursive: true });
    }
  }
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function set(settings: Record<string, string>): void {
  for (const name of clusters) {
    const file = `kubernetes/clusters/${name}/cluster-settings.yaml`;
    let text = readFileSync(join(repository, file), 'utf8');
    for (const [key, value] of Object.entries(settings)) {
      const changed = text.replace(new RegExp(`^  ${key}: .*$`, 'm'), `  ${key}: ${JSON.stringify(value)}`);
      if (!new RegExp(`^  ${key}: `, 'm').test(text)) throw new Error(`${file} has no ${key}`);
      text = changed;
    }
    writeFileSync(join(root, file), text);
  }
}

const switched = ['cilium-clustermesh', 'cilium-spire', 'onepassword-connect'];

// What a setting leaves out is not rendered, so it is only checked here.
test.each<[string, Record<string, string>, string[]]>([
  ['as it is', {}, ['cilium-clustermesh']],
  ['without the mesh', { CLUSTERMESH_ENABLED: 'false' }, []],
  ['with SPIRE instead of the mesh', { CLUSTERMESH_ENABLED: 'false', CILIUM_SPIRE_ENABLED: 'true' }, ['cilium-spire']],
  [
    'with Connect in the cluster',
    { ONEPASSWORD_CONNECT_IN_CLUSTER: 'true' },
    ['cilium-clustermesh', 'onepassword-connect'],
  ],
  [
    'with everything else the other way round',
    { CILIUM_BGP_SUSPENDED: 'true', HUBBLE_UI_ENABLED: 'true', CILIUM_POLICY_AUDIT_MODE: 'true' },
    ['cilium-clustermesh'],
  ],
])(
  'the tree is clean %s',
  async (_what, settings, expected) => {
    set(settings);
    const tree = await loadTree({ root });
    const { findings } = checkTree(tree, { today: '2025-11-01' });
    expect(findings.map(({ file, line, id, what }) => `${file}:${line} ${id} ${what}`)).toEqual([]);
    for (const cluster of tree.clusters) {
      const names = cluster.kustomizations.map(({ name }) => name).filter((name) => switched.includes(name));
      expect([cluster.name, names]).toEqual([cluster.name, expected]);
      const program = renderCluster(root, cluster.name, []).kustomizations.map(({ name }) => name);
      expect([cluster.name, program.filter((name) => switched.includes(name))]).toEqual([cluster.name, expected]);
    }
  },
  120_000,
);

test.each([true, false])(
  'a policy that requires mutual authentication is there only with SPIRE: %s',
  async (spire) => {
    set({ CLUSTERMESH_ENABLED: 'false', CILIUM_SPIRE_ENABLED: String(spire) });
    const file = 'kubernetes/infrastructure/security/network-policies/observability/kustomization.yaml';
    const text = readFileSync(join(repository, file), 'utf8');
    const component = '  - ../../../../components/networkpolicy/mutual-authentication\n';
    writeFileSync(join(root, file), text.replace('components:\n', `components:\n${component}`));
    const tree = await loadTree({ root });
    for (const { objects } of tree.clusters) {
      const policies = objects.filter(({ object }) => object.metadata.name === 'mutual-authentication');
      expect(policies.map(({ object }) => object.metadata.namespace)).toEqual(spire ? ['observability'] : []);
    }
    // With the component in use, its row in EXCEPTIONS.md has nothing left to accept.
    const { findings } = checkTree(tree, { today: '2025-11-01' });
    expect(findings.map(({ id }) => id)).toEqual(['exception-stale']);
  },
  120_000,
);
