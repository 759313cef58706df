import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Json, type JsonMap, isMap, valueAt } from '../../../gitops/kubernetesObject';
import { merged } from './release';

/** The parts of a chart that show which values it accepts. */
export interface ChartFiles {
  name: string;
  /** Parsed values.yaml. */
  defaults: JsonMap;
  /** The text of values.yaml: its comments document values without a default. */
  defaultsText: string;
  /** Parsed values.schema.json. */
  schema?: Json;
  /** Text of the CRDs in crds/, which Helm never deletes, including those of its subcharts. */
  crds: string;
  /** Text of all templates, including those of its library charts. */
  templates: string;
  /** Subcharts by the key of their values; undefined if the package does not contain the subchart. */
  subcharts: Map<string, ChartFiles | undefined>;
}

/** Reads the folder of an unpacked chart. Files that are missing or unreadable are empty. */
export function readChart(folder: string): ChartFiles {
  const meta = map(yaml(textOf(join(folder, 'Chart.yaml'))));
  const defaultsText = textOf(join(folder, 'values.yaml'));
  const chart: ChartFiles = {
    name: typeof meta['name'] === 'string' ? meta['name'] : '',
    defaults: map(yaml(defaultsText)),
    defaultsText,
    schema: yaml(textOf(join(folder, 'values.schema.json'))),
    crds: allText(join(folder, 'crds')),
    templates: allText(join(folder, 'templates')),
    subcharts: new Map(),
  };
  const packaged = foldersIn(join(folder, 'charts'));
  const listed = Array.isArray(meta['dependencies']) ? meta['dependencies'] : [];
  for (const dependency of listed) {
    const [name, alias = name] = ['name', 'alias'].map((key) => valueAt(dependency, key));
    if (typeof name !== 'string' || typeof alias !== 'string') continue;
    chart.subcharts.set(alias, packaged.has(name) ? readChart(join(folder, 'charts', name)) : undefined);
  }
  for (const name of packaged) {
    const path = join(folder, 'charts', name);
    const isListed = listed.some((dependency) => valueAt(dependency, 'name') === name);
    if (!isListed) chart.subcharts.set(name, readChart(path));
    if (map(yaml(textOf(join(path, 'Chart.yaml'))))['type'] === 'library') addLibrary(chart, readChart(path));
  }
  for (const subchart of chart.subcharts.values()) chart.crds += subchart?.crds ?? '';
  return chart;
}

/** A library's templates read the values of the chart that includes them. */
function addLibrary(chart: ChartFiles, library: ChartFiles): void {
  chart.defaults = merged(library.defaults, chart.defaults);
  chart.defaultsText += library.defaultsText;
  chart.templates += library.templates;
}

function foldersIn(folder: string): Set<string> {
  if (!existsSync(folder)) return new Set();
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return new Set(folders.map(({ name }) => name).sort());
}

function allText(folder: string): string {
  if (!existsSync(folder)) return '';
  const files = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  return files
    .map((entry) => textOf(join(entry.parentPath, entry.name)))
    .sort()
    .join('\n');
}

function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function yaml(text: string): Json | undefined {
  try {
    return (parse(text, { logLevel: 'silent', uniqueKeys: false }) as Json | undefined) ?? undefined;
  } catch {
    return undefined;
  }
}

function map(value: Json | undefined): JsonMap {
  return isMap(value) ? value : {};
}
