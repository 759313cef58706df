import { diffChars } from 'diff';
import type { Finding } from '../../../gitops/checks/check';
import { type KubernetesObject, describeObject } from '../../../gitops/kubernetesObject';
import { locate } from '../../../gitops/locate';
import type { ObjectPath } from '../../../gitops/sources';
import type { Tree, TreeProblem } from '../../../gitops/tree';
import { foreignSchemaSources, schemaSources } from '../../../tools/schemaSources';
import { ensureTools, progressLine } from '../../../tools/toolchain';
import { rendererPath } from '../loadTree';
import { runRenderer } from '../runRenderer';
import { ensureSchemas } from '../schemas';
import type { NotChecked } from '../options';
import type { FurtherLook } from '../validate';
import { readChart } from './chartFiles';
import { chartWorkloadFaults } from './chartWorkloads';
import { chartFindingKinds } from './findingKinds';
import { type Charts, helmCharts } from './helm';
import { mergeClusters } from './mergeClusters';
import { refusedValues } from './refusedValues';
import { type RenderedChart, renderCharts } from './renderCharts';
import { unknownValues } from './unknownValues';

/** Judges objects by their schemas, all at once. */
export type ValidateObjects = (
  objects: readonly KubernetesObject[],
) => Promise<{ problems: Pick<TreeProblem, 'id' | 'object' | 'what'>[]; coverage: { checked: number; total: number } }>;

/** What is used to look into charts; the pinned tools where it is left out. */
export interface ChartOptions {
  charts?: Charts;
  judge?: ValidateObjects;
  onProgress?: (line: string) => void;
}

/**
 * Pulls, renders and checks the chart of every HelmRelease: values that nothing reads, values that the chart refuses,
 * what it renders by schema, and its workloads by the rules for ours. A release that could not be looked into is in `notChecked`, with the reason.
 * @throws ToolError when Helm, the renderer or the schemas cannot be had
 */
export async function checkCharts(tree: Tree, options: ChartOptions = {}): Promise<FurtherLook> {
  const { onProgress = () => undefined } = options;
  const charts = options.charts ?? helmCharts(await helmPath(onProgress));
  const judge = options.judge ?? (await pinnedSchemaValidator(tree, onProgress));
  const rendered = await renderCharts(tree, charts);
  const objects = rendered.flatMap((one) => one.objects?.map((object) => ({ one, object })) ?? []);
  const judged = objects.filter(({ one }) => changedAfterwards(one) === undefined);
  const { problems, coverage } = await judge(judged.map(({ object }) => object));
  const bySchema = problems.flatMap(({ id, object = -1, what }) => {
    const about = judged[object];
    if (about === undefined) return [];
    return [finding(tree, about.one, `chart-${id}`, [], `its chart renders ${describeObject(about.object)}: ${what}`)];
  });
  // What workloads must have is a rule of this platform, as it is for those in Git.
  const ours = tree.program !== undefined;
  const ofWorkloads = (ours ? chartWorkloadFaults(rendered) : []).map(({ one, what, ...kind }) => ({
    ...place(tree, one, []),
    ...kind,
    what,
  }));
  const done = rendered.filter((one) => one.objects !== undefined).length;
  onProgress(
    `charts: ${done} of ${rendered.length} releases rendered to ${objects.length} objects, ` +
      `${coverage.checked} of ${coverage.total} checked by schema`,
  );
  return {
    findings: mergeClusters([...rendered.flatMap((one) => findingsOf(tree, one)), ...bySchema, ...ofWorkloads]),
    notChecked: once(rendered.flatMap((one) => notChecked(tree, one))),
  };
}

function changedAfterwards({ release }: RenderedChart): string | undefined {
  return typeof release === 'string' ? undefined : release.changedAfterwards;
}

/** What is wrong with the values of a release. */
function findingsOf(tree: Tree, one: RenderedChart): Finding[] {
  const { release, folder, refused } = one;
  if (typeof release === 'string' || folder === undefined) return [];
  const chart = readChart(folder);
  const name = `chart ${chart.name} ${release.chart.version}`;
  const unknown = unknownValues(release.values, chart).map(({ path, known }) => ({
    path,
    found: finding(
      tree,
      one,
      'chart-unknown-value',
      path,
      `${name} reads no value ${path.join('.')}${hint(path, known)}`,
    ),
  }));
  const findings = unknown.map(({ found }) => found);
  if (refused === undefined) return findings;
  const values = refusedValues(refused);
  if (values.length === 0) return [...findings, finding(tree, one, 'chart-not-rendered', [], `${name}: ${refused}`)];
  // A schema that allows no other keys says the same once more.
  const said = new Set(unknown.map(({ path }) => JSON.stringify(path)));
  const news = values.filter(
    ({ path, extra }) => extra === undefined || !extra.every((key) => said.has(JSON.stringify([...path, key]))),
  );
  const invalid = news.map(({ path, what }) =>
    finding(tree, one, 'chart-values-invalid', path, `${name} refuses ${path.join('.') || 'the values'}: ${what}`),
  );
  return [...findings, ...invalid];
}

/** The key that was probably meant, or those that there are. */
function hint(path: readonly string[], known: readonly string[]): string {
  const key = path.at(-1) ?? '';
  const distance = (other: string): number =>
    diffChars(key, other).reduce((sum, { added, removed, count }) => sum + (added || removed ? count : 0), 0);
  const [nearest] = known.map((other) => ({ other, far: distance(other) })).sort((a, b) => a.far - b.far);
  if (nearest !== undefined && nearest.far <= key.length / 2) return `; did you mean ${nearest.other}?`;
  return known.length === 0 || known.length > 12 ? '' : `; it knows there: ${known.join(', ')}`;
}

function notChecked(tree: Tree, one: RenderedChart): NotChecked[] {
  const { release, notHad, treeObject } = one;
  const reason = typeof release === 'string' ? release : (notHad ?? release.changedAfterwards);
  if (reason === undefined) return [];
  return [{ object: describeObject(treeObject.object), ...locate(tree, treeObject), reason: `its chart: ${reason}` }];
}

function finding(tree: Tree, one: RenderedChart, id: string, value: ObjectPath, what: string): Finding {
  const kind = chartFindingKinds[id];
  if (kind === undefined) throw new Error(`${id} is not in cli/validate/charts/findingKinds.ts`);
  return { ...place(tree, one, value), id, ...kind, what };
}

/** The place of a release, or of one of its values. */
function place(
  tree: Tree,
  { treeObject, cluster }: RenderedChart,
  value: ObjectPath,
): Pick<Finding, 'file' | 'line' | 'object' | 'clusters'> {
  const at = locate(tree, treeObject, value.length === 0 ? [] : ['spec', 'values', ...value]);
  return { ...at, object: describeObject(treeObject.object), clusters: [cluster.name] };
}

/** What holds on several clusters, once. */
function once(all: readonly NotChecked[]): NotChecked[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

async function helmPath(onProgress: (line: string) => void): Promise<string> {
  return (await ensureTools(['helm'], (progress) => onProgress(progressLine(progress)))).helm;
}

async function pinnedSchemaValidator(tree: Tree, onProgress: (line: string) => void): Promise<ValidateObjects> {
  const renderer = await rendererPath(onProgress);
  // Somebody else's charts bring definitions of other versions than ours.
  const sources = tree.program === undefined ? foreignSchemaSources : schemaSources;
  const schemas = await ensureSchemas(renderer, onProgress, sources);
  return (objects) => runRenderer(renderer, { mode: 'check', schemas, objects }, onProgress);
}
