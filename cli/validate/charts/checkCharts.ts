import { diffChars } from 'diff';
import type { Finding, NotChecked } from '../../../gitops/checks/check';
import { notCheckedAt } from '../../../gitops/checks/finding';
import { type KubernetesObject, describeObject } from '../../../gitops/kubernetesObject';
import { locate } from '../../../gitops/locate';
import { chartsRule, describeNotChecked, mergeNotChecked } from '../../../gitops/notChecked';
import type { ObjectPath } from '../../../gitops/sources';
import type { Tree, TreeProblem } from '../../../gitops/tree';
import { hasUnknownValue } from '../../../gitops/undecided';
import { foreignSchemaSources, schemaSources } from '../../../tools/schemaSources';
import { ensureTools, inLines } from '../../../tools/toolchain';
import { rendererPath } from '../loadTree';
import { runRenderer } from '../runRenderer';
import { ensureSchemas } from '../schemas';
import type { ExtraChecks } from '../options';
import { readChart } from './chartFiles';
import { chartWorkloadFindings } from './chartWorkloads';
import { chartFindingKinds } from './findingKinds';
import { type Charts, helmCharts } from './helm';
import { invalidValues } from './invalidValues';
import { crdsNotKept } from './keptCrds';
import { mergeClusters } from './mergeClusters';
import { type RenderedChart, changedAfterwards, renderCharts } from './renderCharts';
import { unknownValues } from './unknownValues';

/** Validates objects against their schemas. */
export type ValidateObjects = (
  objects: readonly KubernetesObject[],
) => Promise<{ problems: Pick<TreeProblem, 'id' | 'object' | 'what'>[]; coverage: { checked: number; total: number } }>;

/** Replaces the pinned tools, for tests. */
export interface ChartOptions {
  charts?: Charts;
  validateObjects?: ValidateObjects;
  onProgress?: (line: string) => void;
}

/**
 * Pulls, renders and checks the chart of every HelmRelease: values that nothing reads, values that the chart rejects,
 * the rendered objects against their schemas, and the rendered workloads against the rules for those in Git. A release
 * that could not be checked is in `notChecked`, with the reason.
 * @throws ToolError if Helm, the renderer or the schemas are not available
 */
export async function checkCharts(tree: Tree, options: ChartOptions = {}): Promise<ExtraChecks> {
  const { onProgress = () => undefined } = options;
  const charts = options.charts ?? helmCharts(await helmPath(onProgress));
  const validateObjects = options.validateObjects ?? (await pinnedSchemaValidator(tree, onProgress));
  const rendered = await renderCharts(tree, charts);
  const objects = rendered.flatMap((chart) => chart.objects?.map((object) => ({ chart, object })) ?? []);
  const validated = objects.filter(({ chart }) => changedAfterwards(chart) === undefined);
  const { problems, coverage } = await validateObjects(validated.map(({ object }) => object));
  const bySchema = problems.flatMap(({ id, object: index = -1, what }) => {
    const entry = validated[index];
    if (entry === undefined) return [];
    const { chart, object } = entry;
    return [finding(tree, chart, `chart-${id}`, [], `its chart renders ${describeObject(object)}: ${what}`)];
  });
  // The workload rules are platform rules: they do not apply to a foreign repository.
  const ours = tree.program !== undefined;
  const ofWorkloads = (ours ? chartWorkloadFindings(rendered) : []).map(({ chart, what, ...rule }) => ({
    ...place(tree, chart, []),
    ...rule,
    what,
  }));
  const ofCrds = (ours ? rendered : []).flatMap((chart) => {
    const names = crdsNotKept(chart);
    if (names.length === 0) return [];
    return [finding(tree, chart, 'chart-crd-not-kept', [], `an uninstall deletes ${names.join(', ')}`)];
  });
  const done = rendered.filter((chart) => chart.objects !== undefined).length;
  onProgress(
    `charts: ${done} of ${rendered.length} releases rendered to ${objects.length} objects, ` +
      `${coverage.checked} of ${coverage.total} checked by schema`,
  );
  const applied = rendered.filter((chart) => chart.objects !== undefined && changedAfterwards(chart) === undefined);
  return {
    chartObjects: new Map(applied.map(({ treeObject, objects: own = [] }) => [treeObject, own])),
    findings: mergeClusters([
      ...rendered.flatMap((chart) => valueFindings(tree, chart)),
      ...bySchema,
      ...ofCrds,
      ...ofWorkloads,
    ]),
    notChecked: mergeNotChecked(rendered.flatMap((chart) => notChecked(tree, chart))),
  };
}

/** Findings about the values of a release. */
function valueFindings(tree: Tree, rendered: RenderedChart): Finding[] {
  const { release, folder, renderError } = rendered;
  if (typeof release === 'string' || folder === undefined) return [];
  const chart = readChart(folder);
  const name = `chart ${chart.name} ${release.chart.version}`;
  const unknown = unknownValues(release.values, chart).map(({ path, known }) => ({
    path,
    found: finding(
      tree,
      rendered,
      'chart-unknown-value',
      path,
      `${name} reads no value ${path.join('.')}${hint(path, known)}`,
    ),
  }));
  const findings = unknown.map(({ found }) => found);
  // The chart may refuse a placeholder.
  if (renderError === undefined || hasUnknownValue(release.values)) return findings;
  const values = invalidValues(renderError);
  if (values.length === 0) {
    return [...findings, finding(tree, rendered, 'chart-not-rendered', [], `${name}: ${renderError}`)];
  }
  // A schema that allows no additional keys reports the same unknown values again.
  const reported = new Set(unknown.map(({ path }) => JSON.stringify(path)));
  const remaining = values.filter(
    ({ path, extra }) => extra === undefined || !extra.every((key) => reported.has(JSON.stringify([...path, key]))),
  );
  const invalid = remaining.map(({ path, what }) =>
    finding(tree, rendered, 'chart-values-invalid', path, `${name} rejects ${path.join('.') || 'the values'}: ${what}`),
  );
  return [...findings, ...invalid];
}

/** Suggests the key that was probably meant, or lists the keys that the chart accepts there. */
function hint(path: readonly string[], known: readonly string[]): string {
  const key = path.at(-1) ?? '';
  const distance = (other: string): number =>
    diffChars(key, other).reduce((sum, { added, removed, count }) => sum + (added || removed ? count : 0), 0);
  const [nearest] = known.map((other) => ({ other, edits: distance(other) })).sort((a, b) => a.edits - b.edits);
  if (nearest !== undefined && nearest.edits <= key.length / 2) return `; did you mean ${nearest.other}?`;
  return known.length === 0 || known.length > 12 ? '' : `; expected one of: ${known.join(', ')}`;
}

function notChecked(tree: Tree, rendered: RenderedChart): NotChecked[] {
  const { release, pullError, treeObject, cluster } = rendered;
  const reason = typeof release === 'string' ? release : (pullError ?? changedAfterwards(rendered));
  if (reason === undefined) return [];
  const raw = notCheckedAt(cluster, treeObject, [], 'the chart could not be rendered as Flux does', reason);
  return [describeNotChecked(tree, chartsRule, raw)];
}

function finding(tree: Tree, rendered: RenderedChart, id: string, value: ObjectPath, what: string): Finding {
  const kind = chartFindingKinds[id];
  if (kind === undefined) throw new Error(`${id} is not in cli/validate/charts/findingKinds.ts`);
  return { ...place(tree, rendered, value), id, ...kind, what };
}

/** File, line and cluster of a release, or of one of its values. */
function place(
  tree: Tree,
  { treeObject, cluster }: RenderedChart,
  value: ObjectPath,
): Pick<Finding, 'file' | 'line' | 'object' | 'clusters'> {
  const location = locate(tree, treeObject, value.length === 0 ? [] : ['spec', 'values', ...value]);
  return { ...location, object: describeObject(treeObject.object), clusters: [cluster.name] };
}

async function helmPath(onProgress: (line: string) => void): Promise<string> {
  return (await ensureTools(['helm'], inLines(onProgress))).helm;
}

async function pinnedSchemaValidator(tree: Tree, onProgress: (line: string) => void): Promise<ValidateObjects> {
  const renderer = await rendererPath(onProgress);
  // The charts of a foreign repository ship other CRD versions than ours.
  const sources = tree.program === undefined ? foreignSchemaSources : schemaSources;
  const schemas = await ensureSchemas(renderer, onProgress, sources);
  return (objects) => runRenderer(renderer, { mode: 'check', schemas, objects }, onProgress);
}
