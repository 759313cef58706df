import * as fs from 'node:fs';
import * as path from 'node:path';
import type { ChartSource } from './chartSources';
import { crdTemplate, splitCrds, type CrdManifest, type CrdTemplateOptions } from './crdTemplate';

/** Increment it when chart assembly changes, to invalidate cached packages. */
export const chartTreeVersion = 3;

/** Folder of the stand-in charts. */
export const standInCharts = path.join(__dirname, 'charts');

/**
 * Writes the folder of a chart to `target`, ready for `helm package`.
 * @param moduleDir folder of the source's Go module, if it has one
 */
export function writeChartTree(name: string, source: ChartSource, moduleDir: string | undefined, target: string): void {
  const from = source.real ? path.join(required(moduleDir, name), source.path ?? '') : path.join(standInCharts, name);
  if (fs.existsSync(from)) fs.cpSync(from, target, { recursive: true });
  else fs.mkdirSync(target, { recursive: true });
  makeWritable(target);
  const crds = source.crds === undefined ? [] : readCrds(path.join(required(moduleDir, name), source.crds));
  const finish = finishers[name];
  if (finish !== undefined) finish(target, crds, name, source, moduleDir ?? '');
  else if (crds.length > 0) throw new Error(`chart ${name}: no step puts its CRDs into the chart`);
}

type Finisher = (target: string, crds: CrdManifest[], name: string, source: ChartSource, moduleDir: string) => void;

// Steps per chart: what upstream's release process does before packaging, or how a stand-in gets its CRDs.
const finishers: Readonly<Record<string, Finisher>> = {
  'cert-manager': (target) => {
    // `helm package` sets the versions.
    const template = path.join(target, 'Chart.template.yaml');
    const text = fs.readFileSync(template, 'utf8').replace('{{IS_PRERELEASE}}', 'false');
    fs.writeFileSync(path.join(target, 'Chart.yaml'), text);
    for (const unused of [
      'Chart.template.yaml',
      'README.template.md',
      'signkey_annotation.txt',
      'values.linter.exceptions',
    ]) {
      fs.rmSync(path.join(target, unused), { force: true });
    }
  },
  'external-secrets': (target, crds) => {
    writeCrds(path.join(target, 'templates', 'crds'), crds, ({ kind }) => ({
      condition: /Cluster|PushSecret/.test(kind)
        ? `and (.Values.installCRDs) (.Values.crds.create${kind})`
        : '.Values.installCRDs',
      annotations: ['{{- with .Values.crds.annotations }}', '{{- toYaml . | nindent 4 }}', '{{- end }}'],
    }));
    // An optional dependency that the module does not contain. Its placeholder fails if it is enabled.
    writeSubchart(target, 'bitwarden-sdk-server', '0.5.1', {
      'refuse.yaml': '{{ fail "lab stand-in: the subchart bitwarden-sdk-server is not in the lab" }}\n',
    });
    setDependencyVersion(target, 'v0.5.1', '0.5.1');
  },
  'flux-operator': (target, crds) => {
    writeCrds(path.join(target, 'templates', 'crds'), crds, () => ({
      condition: '.Values.installCRDs',
      annotations: ['helm.sh/resource-policy: keep'],
      labels: ['{{- include "operator.labels" . | nindent 4 }}'],
    }));
  },
  'cloudnative-pg': (target, crds) => {
    writeCrds(path.join(target, 'templates', 'crds'), crds, () => ({
      condition: '.Values.crds.create',
      annotations: ['helm.sh/resource-policy: keep'],
    }));
  },
  'plugin-barman-cloud': (target, crds) => {
    writeCrds(path.join(target, 'templates', 'crds'), crds, () => ({ condition: '.Values.crds.create' }));
  },
  'prometheus-operator-crds': (target, crds, name, source) => {
    const enabled = Object.fromEntries(crds.map(({ plural }) => [plural, { enabled: true }]));
    writeCrdChart(
      target,
      name,
      source,
      { annotations: {}, ...enabled },
      crds,
      ({ plural }) => `.Values.${plural}.enabled`,
    );
  },
  'victoria-metrics-operator-crds': (target, crds, name, source) => {
    writeCrdChart(target, name, source, { annotations: {}, labels: {} }, crds, () => undefined);
  },
  'snapshot-controller': (target, crds) => {
    fs.mkdirSync(path.join(target, 'crds'));
    for (const crd of crds) fs.writeFileSync(path.join(target, 'crds', `${crd.plural}.yaml`), crd.text);
  },
  'rook-ceph': (target, _crds, _name, _source, moduleDir) => {
    copyRookLibrary(moduleDir, target);
    // The subchart is in another repository; Rook's contains its rendered manifest, for the namespace rook-ceph.
    const manifest = fs.readFileSync(path.join(moduleDir, 'deploy', 'examples', 'csi-operator.yaml'), 'utf8');
    writeSubchart(target, 'ceph-csi-operator', '0.4.1', {
      'operator.yaml': manifest.replace(/^( *namespace:) rook-ceph$/gm, '$1 {{ .Release.Namespace }}'),
    });
  },
  'rook-ceph-cluster': (target, _crds, _name, _source, moduleDir) => copyRookLibrary(moduleDir, target),
};

/**
 * The library chart that both Rook charts use. In Rook's repository it is a symlink, which Go modules do not support.
 */
function copyRookLibrary(moduleDir: string, target: string): void {
  const library = path.join(target, 'charts', 'library');
  fs.cpSync(path.join(moduleDir, 'deploy', 'charts', 'library'), library, { recursive: true });
  makeWritable(library);
}

/**
 * Writes a chart of CRDs only. As upstream, they are in a subchart: Helm stores a chart's templates in the release
 * Secret.
 */
function writeCrdChart(
  target: string,
  name: string,
  source: ChartSource,
  values: Record<string, unknown>,
  crds: CrdManifest[],
  condition: (crd: CrdManifest) => string | undefined,
): void {
  const annotations = ['{{- with .Values.annotations }}', '{{- toYaml . | nindent 4 }}', '{{- end }}'];
  const templates = crds.map((crd) => [
    `crd-${crd.plural}.yaml`,
    crdTemplate(crd, { condition: condition(crd), annotations }),
  ]);
  writeSubchart(target, 'crds', '0.0.0', Object.fromEntries(templates) as Record<string, string>);
  const description = `Lab stand-in for the chart ${name}, with the CRDs of a pinned Go module. Not for production.`;
  const lines = ['apiVersion: v2', 'type: application', `name: ${name}`, `version: ${source.version}`];
  lines.push(`appVersion: ${source.appVersion}`, `description: ${description}`);
  lines.push('dependencies:', '  - name: crds', '    version: 0.0.0', '');
  fs.writeFileSync(path.join(target, 'Chart.yaml'), lines.join('\n'));
  // JSON is YAML.
  fs.writeFileSync(path.join(target, 'values.yaml'), `${JSON.stringify({ crds: values }, undefined, 2)}\n`);
}

function writeSubchart(target: string, name: string, version: string, templates: Record<string, string>): void {
  const dir = path.join(target, 'charts', name, 'templates');
  fs.mkdirSync(dir, { recursive: true });
  const chart = ['apiVersion: v2', `name: ${name}`, `version: ${version}`, `description: part of a lab stand-in`, ''];
  fs.writeFileSync(path.join(target, 'charts', name, 'Chart.yaml'), chart.join('\n'));
  for (const [file, text] of Object.entries(templates)) fs.writeFileSync(path.join(dir, file), text);
}

function setDependencyVersion(target: string, from: string, to: string): void {
  const file = path.join(target, 'Chart.yaml');
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(`version: ${from}`, `version: ${to}`));
  fs.rmSync(path.join(target, 'Chart.lock'), { force: true });
}

function writeCrds(dir: string, crds: CrdManifest[], options: (crd: CrdManifest) => CrdTemplateOptions): void {
  fs.mkdirSync(dir, { recursive: true });
  for (const crd of crds) fs.writeFileSync(path.join(dir, `${crd.plural}.yaml`), crdTemplate(crd, options(crd)));
}

function readCrds(from: string): CrdManifest[] {
  const files = fs.statSync(from).isDirectory()
    ? fs
        .readdirSync(from)
        .filter((file) => /\.ya?ml$/.test(file) && !file.startsWith('kustomiz'))
        .sort()
        .map((file) => path.join(from, file))
    : [from];
  return files.flatMap((file) => splitCrds(fs.readFileSync(file, 'utf8'), file));
}

function required(moduleDir: string | undefined, name: string): string {
  if (moduleDir === undefined) throw new Error(`chart ${name}: the folder of its Go module is missing`);
  return moduleDir;
}

/** Files of a Go module are read-only, but their copies must be writable. */
function makeWritable(folder: string): void {
  fs.chmodSync(folder, 0o755);
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) makeWritable(full);
    else fs.chmodSync(full, 0o644);
  }
}
