import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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

/** Takes systems out of the lists of the clusters that have them, and adds others to every list. */
function list(added: string[], removed: string[]): void {
  for (const generated of clusters.map((name) => `kubernetes/clusters/${name}/observability`)) {
    if (existsSync(join(repository, generated))) {
      cpSync(join(repository, generated), join(root, generated), { recursive: true });
    }
  }
  const lines = removed.map((system) => `  - ../../systems/${system}`);
  const texts = clusters.map((name) => {
    const file = `kubernetes/clusters/${name}/kustomization.yaml`;
    return { file, all: readFileSync(join(repository, file), 'utf8').split('\n') };
  });
  const unknown = lines.filter((line) => !texts.some(({ all }) => all.includes(line)));
  if (unknown.length > 0) throw new Error(`no cluster lists ${unknown.join(', ')}`);
  const entries = added.map((system) => `  - ../../systems/${system}`);
  for (const { file, all } of texts) {
    const kept = all.filter((line) => !lines.includes(line)).join('\n');
    writeFileSync(join(root, file), kept.replace('\ncomponents:', ['', ...entries, 'components:'].join('\n')));
  }
}

/** The listed systems that depend on a Flux Kustomization, and those that depend on them. */
function dependentsOf(kustomization: string): string[] {
  const documents = readdirSync(join(repository, 'kubernetes/systems')).map((system) => ({
    system,
    text: readFileSync(join(repository, 'kubernetes/systems', system, 'ks.yaml'), 'utf8'),
  }));
  const found = new Set<string>();
  const visit = (name: string): void => {
    for (const { system, text } of documents) {
      if (found.has(system) || !text.includes(`    - name: ${name}\n`)) continue;
      found.add(system);
      for (const [, own = ''] of text.matchAll(/^ {2}name: (.+)$/gm)) visit(own);
    }
  };
  visit(kustomization);
  const lists = clusters.map((name) =>
    readFileSync(join(repository, `kubernetes/clusters/${name}/kustomization.yaml`), 'utf8'),
  );
  return [...found].filter((system) => lists.some((text) => text.includes(`systems/${system}\n`))).sort();
}

/** Adds settings that only a system which is not listed has. */
function add(settings: Record<string, string>): void {
  for (const name of clusters) {
    const file = join(root, `kubernetes/clusters/${name}/cluster-settings.yaml`);
    const lines = Object.entries(settings).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}\n`);
    writeFileSync(file, readFileSync(file, 'utf8') + lines.join(''));
  }
}

/** Takes out what clusters send to the one that stores, and its settings: without the mesh they cannot. */
function dropObservability(): void {
  const system =
    /^ {2}- \.\.\/\.\.\/systems\/(metrics|logs|traces|grafana|flux-alerts|alert-rules|schema-registry|postgres-remote|dragonfly-remote|mesh-echo|gitlab)/;
  for (const name of clusters) {
    const folder = join(root, `kubernetes/clusters/${name}`);
    rmSync(join(folder, 'observability'), { recursive: true, force: true });
    const entry = join(folder, 'kustomization.yaml');
    const lines = readFileSync(entry, 'utf8').split('\n');
    writeFileSync(entry, lines.filter((line) => !system.test(line)).join('\n'));
    const file = join(folder, 'cluster-settings.yaml');
    const settings = readFileSync(file, 'utf8');
    // Only where there is Postgres or Harbor.
    const stored = lines.some((line) => line.endsWith('/postgres')) ? '' : '|OBJECT_STORE_';
    const gone = `METRICS_|LOGS_|TRACES_|BLOCK_SC|GRAFANA_|GITLAB_${stored}`;
    writeFileSync(file, settings.replace(new RegExp(`^ {2}(${gone}).*\\n( {4}.*\\n)*`, 'gm'), ''));
  }
}

const optional = ['cilium-clustermesh', 'cilium-spire', 'onepassword-connect'];

// What no cluster lists is not rendered, so it is only checked here.
test.each<[string, Record<string, string>, { added?: string[]; removed?: string[] }, string[]]>([
  ['as it is', {}, {}, ['cilium-clustermesh']],
  ['without the mesh', { CLUSTERMESH_ENABLED: 'false' }, { removed: ['cilium-clustermesh'] }, []],
  [
    'with SPIRE instead of the mesh',
    { CLUSTERMESH_ENABLED: 'false', CILIUM_SPIRE_ENABLED: 'true' },
    { added: ['cilium-spire'], removed: ['cilium-clustermesh'] },
    ['cilium-spire'],
  ],
  [
    'with Connect in the cluster',
    {},
    { added: ['onepassword-connect'] },
    ['cilium-clustermesh', 'onepassword-connect'],
  ],
  [
    'with everything else the other way round',
    { HUBBLE_UI_ENABLED: 'true', CILIUM_POLICY_AUDIT_MODE: 'true' },
    {},
    ['cilium-clustermesh'],
  ],
])(
  'the tree is clean %s',
  async (_what, settings, { added = [], removed = [] }, expected) => {
    set(settings);
    list(added, removed);
    if (removed.includes('cilium-clustermesh')) dropObservability();
    const tree = await loadTree({ root });
    const { findings } = checkTree(tree, { today: '2025-11-01' });
    expect(findings.map(({ file, line, id, what }) => `${file}:${line} ${id} ${what}`)).toEqual([]);
    for (const cluster of tree.clusters) {
      const names = cluster.kustomizations.map(({ name }) => name).filter((name) => optional.includes(name));
      expect([cluster.name, names]).toEqual([cluster.name, expected]);
      const program = renderCluster(root, cluster.name, []).kustomizations.map(({ name }) => name);
      expect([cluster.name, program.filter((name) => optional.includes(name))]).toEqual([cluster.name, expected]);
    }
  },
  120_000,
);

interface Variant {
  settings: Record<string, string>;
  more?: Record<string, string>;
  added: string[];
  removed: string[];
  issuers: string[];
}
const acme = ['letsencrypt-production', 'letsencrypt-staging'];

// Alternatives have one name, so a cluster can list one of them; the rest of the tree is the same.
test.each<[string, Variant]>([
  [
    'BIND',
    {
      settings: {},
      added: ['certificate-issuer-rfc2136'],
      removed: ['certificate-issuer-cloudflare'],
      issuers: acme,
    },
  ],
  [
    'HTTP-01',
    {
      settings: {},
      more: { GATEWAY_EXTERNAL_NAMES: '["www.example.org", "flux-webhook.example.org"]' },
      added: ['certificate-issuer-http01', 'gateway-external-http01'],
      removed: [
        ...['certificate-issuer-cloudflare', 'gateway-external', 'gateway-internal'],
        // Its names are wildcards, which HTTP-01 cannot prove.
        ...dependentsOf('gateway-internal'),
      ],
      issuers: acme,
    },
  ],
  [
    'a dedicated CA',
    {
      settings: { CERTIFICATE_ISSUER: 'own-ca' },
      added: ['certificate-issuer-ca'],
      removed: ['certificate-issuer-cloudflare'],
      issuers: ['own-ca'],
    },
  ],
])(
  'certificates by %s',
  async (_what, { settings, more = {}, added, removed, issuers }) => {
    set(settings);
    add(more);
    list(added, removed);
    const tree = await loadTree({ root });
    const { findings } = checkTree(tree, { today: '2025-11-01' });
    // What no manifest uses any more is named, and nothing else is wrong.
    expect(
      findings
        .filter(({ id }) => !['setting-unused', 'definition', 'generated-file-stale'].includes(id))
        .map(({ what }) => what),
    ).toEqual([]);
    for (const { objects } of tree.clusters) {
      const found = objects.filter(({ object }) => object.kind === 'ClusterIssuer');
      expect(found.map(({ object }) => object.metadata.name).sort()).toEqual(issuers);
    }
  },
  120_000,
);

test.each([true, false])(
  'failures are reported to Alertmanager only with the systems for it: %s',
  async (listed) => {
    const every = [
      '',
      '-rook-ceph',
      '-openebs',
      '-volsync',
      '-kafka',
      '-actions-runners',
      '-postgres',
      '-dragonfly',
      '-harbor',
      '-gitlab',
      '-gitlab-runner',
    ];
    const systems = every.map((of) => `flux-alerts${of}`);
    list([], listed ? [] : systems);
    const tree = await loadTree({ root });
    for (const { objects } of tree.clusters) {
      const found = objects.filter(({ object }) => /alertmanager$/.test(object.metadata.name));
      const kinds = new Set(found.map(({ object }) => object.kind));
      expect([...kinds].sort()).toEqual(listed ? ['Alert', 'Provider'] : []);
      const owners = found
        .filter(({ object }) => object.kind === 'Alert')
        .map(({ object }) => object.metadata.namespace);
      const releases = objects.filter(({ object }) => object.kind === 'HelmRelease');
      const namespaces = new Set(releases.map(({ object }) => object.metadata.namespace));
      // A namespace may have alerts before it has releases.
      expect(owners).toEqual(listed ? expect.arrayContaining([...namespaces]) : []);
    }
  },
  120_000,
);

test('a policy that requires mutual authentication is refused without SPIRE', async () => {
  const file = 'kubernetes/infrastructure/security/network-policies/observability/kustomization.yaml';
  const text = readFileSync(join(repository, file), 'utf8');
  const component = '  - ../../../../components/networkpolicy/mutual-authentication\n';
  const found = async (spire: boolean): Promise<string[]> => {
    set({ CLUSTERMESH_ENABLED: 'false', CILIUM_SPIRE_ENABLED: String(spire) });
    list(spire ? ['cilium-spire'] : [], ['cilium-clustermesh']);
    dropObservability();
    const { findings } = checkTree(await loadTree({ root }), { today: '2025-11-01' });
    return findings.map(({ id }) => id);
  };
  writeFileSync(join(root, file), text.replace('components:\n', `components:\n${component}`));
  try {
    // With the component in use, its row in EXCEPTIONS.md has nothing left to accept.
    expect(await found(true)).toEqual(['exception-stale']);
    expect((await found(false)).sort()).toEqual(['authentication-without-spire', 'exception-stale']);
  } finally {
    writeFileSync(join(root, file), text);
  }
}, 120_000);
