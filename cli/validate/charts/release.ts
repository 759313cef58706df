import { chartOf } from '../../../gitops/checks/facts/charts';
import { type Json, type JsonMap, isMap, specOf, valueAt } from '../../../gitops/kubernetesObject';
import type { TreeCluster, TreeObject } from '../../../gitops/tree';
import { hasUnknownValue } from '../../../gitops/undecided';
import { parse } from 'yaml';

/** Where to pull a chart from. */
export interface ChartAddress {
  /** `oci://…`, without version; or the `https://…` of a Helm repository. */
  url: string;
  /** The chart's name in a Helm repository. */
  name?: string;
  version: string;
  /** `sha256:…`, if Git pins one. */
  digest?: string;
}

/** What rendering a HelmRelease's chart needs. */
export interface Release {
  chart: ChartAddress;
  name: string;
  namespace: string;
  values: JsonMap;
  /** Values files of the chart that `values` overrides. */
  valuesFiles: string[];
  /** Why Flux applies something else than the chart renders; the values can still be checked. */
  changedAfterwards?: string;
}

/** Reads a HelmRelease. Returns a string with the reason if its chart cannot be pulled or rendered. */
export function readRelease(cluster: TreeCluster, release: TreeObject): Release | string {
  const { object } = release;
  const spec = specOf(object);
  const chart = addressOf(cluster, release);
  if (typeof chart === 'string') return chart;
  const values = valuesOf(cluster, object.metadata.namespace ?? '', spec);
  if (typeof values === 'string') return values;
  const text = (field: string): string | undefined => (typeof spec[field] === 'string' ? spec[field] : undefined);
  const target = text('targetNamespace');
  const { name, namespace = 'default' } = object.metadata;
  const files = valueAt(spec, 'chart', 'spec', 'valuesFiles');
  return {
    chart,
    name: text('releaseName') ?? (target === undefined ? name : `${target}-${name}`),
    namespace: target ?? namespace,
    values,
    valuesFiles: Array.isArray(files) ? files.filter(isString) : [],
    ...(hasUnknownValue(values)
      ? { changedAfterwards: 'some of its values are encrypted, or come from an external secret' }
      : {}),
  };
}

function addressOf(cluster: TreeCluster, release: TreeObject): ChartAddress | string {
  const chart = chartOf(cluster, release);
  if (chart === undefined) return 'its chart cannot be resolved from Git';
  const { kind, namespace, name } = chart.source;
  if (chart.declared === undefined) return `its ${kind} ${namespace}/${name} is not in Git`;
  const source = specOf(chart.declared.object);
  const url = source['url'];
  const isRepository = kind === 'HelmRepository' && typeof url === 'string' && url.startsWith('https://');
  if (typeof url !== 'string' || !(url.startsWith('oci://') || isRepository)) {
    return `its chart is neither in an OCI registry nor in a Helm repository by https (${kind} ${name})`;
  }
  const ofChart = valueAt(specOf(release.object), 'chart', 'spec');
  const version = kind === 'OCIRepository' ? valueAt(source, 'ref', 'tag') : valueAt(ofChart, 'version');
  if (typeof version !== 'string' || !/^v?\d+\.\d+\.\d+[\w.+-]*$/.test(version)) {
    return `its chart is not pinned to an exact version (${kind} ${name})`;
  }
  if (isRepository) return { url, name: chart.name, version };
  if (kind !== 'OCIRepository') return { url: `${url.replace(/\/$/, '')}/${chart.name}`, version };
  const digest = valueAt(source, 'ref', 'digest');
  return { url, version, ...(typeof digest === 'string' ? { digest } : {}) };
}

/** The values of a release: from ConfigMaps in Git, then its own. Returns a string with the reason if Git lacks some. */
function valuesOf(cluster: TreeCluster, namespace: string, spec: JsonMap): JsonMap | string {
  let values: JsonMap = {};
  const from = spec['valuesFrom'];
  for (const reference of Array.isArray(from) ? from : []) {
    const [kind, name, key = 'values.yaml', target] = ['kind', 'name', 'valuesKey', 'targetPath'].map((field) =>
      valueAt(reference, field),
    );
    const map = cluster.objects.find(
      ({ object: { kind: other, metadata } }) =>
        kind === 'ConfigMap' && other === kind && metadata.name === name && metadata.namespace === namespace,
    );
    const text = typeof key === 'string' ? valueAt(map?.object['data'], key) : undefined;
    if (text === undefined && kind === 'ConfigMap' && valueAt(reference, 'optional') === true) continue;
    const unknown = `it reads values from ${[kind, name].filter(isString).join(' ')}, which are not in Git`;
    if (typeof text !== 'string' || target !== undefined) return unknown;
    const parsed = parseYaml(text);
    if (!isMap(parsed)) return unknown;
    values = merged(values, parsed);
  }
  const own = spec['values'];
  return isMap(own) ? merged(values, own) : values;
}

function isString(value: Json | undefined): value is string {
  return typeof value === 'string';
}

function parseYaml(text: string): Json | undefined {
  try {
    return parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** Merges maps deeply and replaces everything else, as Helm does with several values files. */
export function merged(base: JsonMap, over: JsonMap): JsonMap {
  const result: JsonMap = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const old = result[key];
    result[key] = isMap(old) && isMap(value) ? merged(old, value) : value;
  }
  return result;
}
