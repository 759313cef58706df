import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import { chartSources, type ChartSource } from '../../lab/services/registry/chartSources';
import { standInCharts, writeChartTree } from '../../lab/services/registry/chartTree';
import { temporaryFolder } from './temporaryFolder';

const folder = temporaryFolder();
const source = (name: string): ChartSource => chartSources[name]!;
const crd = (kind: string, plural: string): string =>
  `---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  annotations:\n    x: y\n  name: ${plural}.g\n` +
  `spec:\n  group: g\n  names:\n    kind: ${kind}\n    plural: ${plural}\n`;

/** Creates the folder of a Go module with these files, read-only as in the module cache. */
function moduleWith(name: string, files: Record<string, string>): string {
  const dir = path.join(folder, 'modules', name);
  for (const [file, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    fs.writeFileSync(path.join(dir, file), text, { mode: 0o444 });
  }
  return dir;
}

function tree(name: string, files: Record<string, string> = {}): (file: string) => string {
  const target = path.join(folder, 'charts', name);
  writeChartTree(name, source(name), source(name).module === undefined ? undefined : moduleWith(name, files), target);
  return (file) => fs.readFileSync(path.join(target, file), 'utf8');
}

test('the stand-in of Spegel has the hooks of the real chart: their pods outlive the release', () => {
  const template = tree('spegel')('templates/cleanup.yaml');
  expect(template.match(/^kind: \w+$/gm)).toEqual(['kind: DaemonSet', 'kind: Service', 'kind: Pod']);
  expect(template).toContain('"helm.sh/hook" "post-delete"');
  expect(parse(tree('spegel')('values.yaml'))).toMatchObject({ service: { cleanup: { port: 8080 } } });
});

describe('assembling charts', () => {
  test("cert-manager gets the Chart.yaml that upstream's release process generates", () => {
    const base = 'deploy/charts/cert-manager';
    const read = tree('cert-manager', {
      [`${base}/Chart.template.yaml`]: 'name: cert-manager\nannotations:\n  prerelease: "{{IS_PRERELEASE}}"\n',
      [`${base}/values.yaml`]: '{}\n',
    });
    expect(read('Chart.yaml')).toBe('name: cert-manager\nannotations:\n  prerelease: "false"\n');
    expect(() => read('Chart.template.yaml')).toThrow('ENOENT');
  });

  test('external-secrets gets its CRDs under the conditions of its values, and a placeholder subchart that fails', () => {
    const read = tree('external-secrets', {
      'deploy/charts/external-secrets/Chart.yaml':
        'name: external-secrets\ndependencies:\n  - name: bitwarden-sdk-server\n    version: v0.5.1\n',
      'config/crds/bases/a.yaml': crd('ClusterSecretStore', 'clustersecretstores'),
      'config/crds/bases/b.yaml': crd('SecretStore', 'secretstores'),
      'config/crds/bases/c.yaml': crd('PushSecret', 'pushsecrets'),
      'config/crds/bases/kustomization.yaml': 'kind: Kustomization\n',
    });
    const first = (file: string): string => read(`templates/crds/${file}.yaml`).split('\n')[0] ?? '';
    expect(first('clustersecretstores')).toBe(
      '{{- if and (.Values.installCRDs) (.Values.crds.createClusterSecretStore) }}',
    );
    expect(first('secretstores')).toBe('{{- if .Values.installCRDs }}');
    expect(first('pushsecrets')).toBe('{{- if and (.Values.installCRDs) (.Values.crds.createPushSecret) }}');
    expect(parse(read('Chart.yaml')).dependencies).toEqual([{ name: 'bitwarden-sdk-server', version: '0.5.1' }]);
    expect(read('charts/bitwarden-sdk-server/templates/refuse.yaml')).toContain('{{ fail "lab stand-in: ');
  });

  test('a CRD chart has them in a subchart to keep the release Secret small', () => {
    const read = tree('prometheus-operator-crds', {
      'example/prometheus-operator-crd/a.yaml': crd('Probe', 'probes'),
    });
    expect(parse(read('Chart.yaml'))).toMatchObject({
      name: 'prometheus-operator-crds',
      version: '24.0.1',
      dependencies: [{ name: 'crds', version: '0.0.0' }],
    });
    expect(parse(read('values.yaml'))).toEqual({ crds: { annotations: {}, probes: { enabled: true } } });
    expect(read('charts/crds/templates/crd-probes.yaml')).toMatch(/^\{\{- if \.Values\.probes\.enabled \}\}\n/);
  });

  test("snapshot-controller has its CRDs in Helm's crds folder", () => {
    const read = tree('snapshot-controller', {
      'config/crd/a.yaml': crd('VolumeSnapshot', 'volumesnapshots'),
      'config/crd/kustomization.yaml': 'kind: Kustomization\n',
    });
    expect(parse(read('crds/volumesnapshots.yaml')).spec.names.kind).toBe('VolumeSnapshot');
    expect(read('templates/workload.yaml')).toContain('kind: Deployment');
  });

  test("Rook's charts get their shared library, and the CSI operator from Rook's example manifest", () => {
    const library = { 'deploy/charts/library/Chart.yaml': 'name: library\nversion: 0.0.1\n' };
    const cluster = tree('rook-ceph-cluster', {
      ...library,
      'deploy/charts/rook-ceph-cluster/Chart.yaml': 'name: rook-ceph-cluster\n',
    });
    expect(parse(cluster('charts/library/Chart.yaml')).name).toBe('library');
    const operator = tree('rook-ceph', {
      ...library,
      'deploy/charts/rook-ceph/Chart.yaml': 'name: rook-ceph\n',
      'deploy/examples/csi-operator.yaml':
        'metadata:\n  name: a\n  namespace: rook-ceph\nsubjects:\n  - name: a\n    namespace: rook-ceph\n',
    });
    expect(parse(operator('charts/ceph-csi-operator/Chart.yaml')).version).toBe('0.4.1');
    expect(operator('charts/ceph-csi-operator/templates/operator.yaml')).toBe(
      'metadata:\n  name: a\n  namespace: {{ .Release.Namespace }}\nsubjects:\n  - name: a\n    namespace: {{ .Release.Namespace }}\n',
    );
  });

  test('fails if the module is missing, naming the chart', () => {
    expect(() => writeChartTree('cilium', source('cilium'), undefined, path.join(folder, 'x'))).toThrow(
      'chart cilium: the folder of its Go module is missing',
    );
  });
});

describe('stand-in charts', () => {
  const charts = Object.entries(chartSources).filter(
    ([name, { real }]) => !real && fs.existsSync(path.join(standInCharts, name)),
  );

  test.each(charts)(
    '%s is labelled as a stand-in and has the version of chartSources',
    (name, { version, appVersion }) => {
      const chart = parse(fs.readFileSync(path.join(standInCharts, name, 'Chart.yaml'), 'utf8'));
      expect(chart.description).toMatch(/^Lab stand-in for the chart /);
      expect([chart.name, chart.version, String(chart.appVersion)]).toEqual([name, version, appVersion]);
    },
  );
});
