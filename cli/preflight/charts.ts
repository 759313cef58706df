import type { BootstrapInputs } from '../../cluster/bootstrapInputs';
import { runCommand, tailOf } from '../../clients/process/runCommand';
import { helmEnvironment } from '../../clients/helm/environment';
import { mapConcurrently } from '../../clients/process/mapConcurrently';
import { withTempDir } from '../../clients/process/tempDir';
import { type Check, type CheckResult, failed, ok, skipped } from './checkResult';

/** A chart that the bootstrap installs or reads CRDs from. */
export interface Chart {
  url: string;
  version: string;
}

const maxProcesses = 3;

/** The charts of the bootstrap, without duplicates, sorted. */
export function bootstrapCharts({ crds, stages }: BootstrapInputs): Chart[] {
  const all = [...crds.flatMap((source) => (source.kind === 'chart' ? [source] : [])), ...stages.flat()];
  const charts = new Map(all.map(({ chartUrl, version }) => [`${chartUrl} ${version}`, { url: chartUrl, version }]));
  return [...charts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, chart]) => chart);
}

/** Checks that Helm finds each chart in its registry. Skipped unless `helm`, the result of the Helm check, is ok. */
export async function checkCharts(
  charts: readonly Chart[],
  helm: CheckResult,
  signal: AbortSignal,
): Promise<CheckResult[]> {
  if (helm.state !== 'ok') {
    return charts.map((chart) => skipped(chartCheck(chart), `depends on ${helm.what}, which failed`));
  }
  return withTempDir(async (directory) => {
    const env = await helmEnvironment(directory);
    return mapConcurrently(maxProcesses, charts, async (chart) => {
      const args = ['show', 'chart', chart.url, '--version', chart.version];
      const { code, stderr } = await runCommand({ file: 'helm', args, env, cwd: directory, signal });
      if (code === 0) return ok(chartCheck(chart), 'found');
      const fix = 'correct its URL and version in Git, or make the registry reachable from this machine';
      return failed(chartCheck(chart), tailOf(stderr, 1).replace(/^Error: /, ''), fix);
    });
  });
}

function chartCheck({ url, version }: Chart): Check {
  return { id: `chart:${url}`, what: `chart ${url} ${version}` };
}
