import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from '../../../cli/generate';
import { checkTree } from '../../../cli/validate/checkTree';
import { loadTree } from '../../../cli/validate/loadTree';
import { clusterFolder, listClusters } from '../../../gitops/clusterSettings';

const repository = join(__dirname, '..', '..', '..');
const root = mkdtempSync(join(tmpdir(), 'k8s-gitops-observability-'));
const storeLine = '  - ../../systems/metrics-store\n';

beforeAll(() => {
  for (const entry of readdirSync(repository)) {
    if (/^(kubernetes|Pulumi\..*|EXCEPTIONS\.md)$/.test(entry)) {
      cpSync(join(repository, entry), join(root, entry), { recursive: true });
    }
  }
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

const onlyStoring = ['traces-store', 'alert-people', 'alert-heartbeat'];

function change(file: string, by: (text: string) => string): void {
  writeFileSync(join(root, file), by(readFileSync(join(root, file), 'utf8')));
}

// No cluster lists traces or receivers of alerts, so that their manifests are only rendered here.
test('the tree is clean where every cluster sends traces, and one stores them and sends alerts', async () => {
  const clusters = listClusters(root);
  const storing = clusters.filter((name) =>
    readFileSync(join(root, clusterFolder(name), 'kustomization.yaml'), 'utf8').includes(storeLine),
  );
  expect(storing).toHaveLength(1);
  for (const name of clusters) {
    const systems = ['traces', ...(storing.includes(name) ? onlyStoring : [])];
    const lines = systems.map((system) => `  - ../../systems/${system}\n`).join('');
    change(`${clusterFolder(name)}/kustomization.yaml`, (text) =>
      text.replace('components:\n', `${lines}components:\n`),
    );
  }
  change(
    `${clusterFolder(storing[0]!)}/cluster-settings.yaml`,
    (text) =>
      `${text}  TRACES_RETENTION: 7d\n  TRACES_STORAGE_SIZE: 20Gi\n  ALERT_PEOPLE_HOST: alerts.example.org\n  ALERT_HEARTBEAT_HOST: heartbeat.example.org\n`,
  );
  expect(generate([], root)).toBe(0);
  const tree = await loadTree({ root });
  const { findings } = checkTree(tree, { today: '2025-11-01' });
  expect(findings.map(({ file, line, id, what }) => `${file}:${line} ${id} ${what}`)).toEqual([]);
  for (const cluster of tree.clusters) {
    const names = cluster.kustomizations.map(({ name }) => name);
    expect([cluster.name, names.includes('opentelemetry-collector')]).toEqual([cluster.name, true]);
    for (const name of ['victoria-traces', 'alert-people', 'alert-heartbeat'])
      expect([cluster.name, names.includes(name)]).toEqual([cluster.name, storing.includes(cluster.name)]);
  }
}, 300_000);
